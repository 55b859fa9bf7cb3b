/** What one client may send, in numbers: Redis's limits. */

export interface DecoderLimits {
  readonly maxArguments: number;
  /** Longest argument (Redis: proto-max-bulk-len). */
  readonly maxBulkBytes: number;
  /** Longest inline command, and longest line of a frame. */
  readonly maxInlineBytes: number;
  /** Most bytes held of requests that are not decoded yet (Redis: client-query-buffer-limit). At most 2^31 - 1. */
  readonly maxBufferedBytes: number;
}

export const defaultDecoderLimits: DecoderLimits = {
  maxArguments: 1024 * 1024,
  maxBulkBytes: 512 * 1024 * 1024,
  maxInlineBytes: 64 * 1024,
  maxBufferedBytes: 1024 * 1024 * 1024,
};

/** A client that has yet to authenticate may send much less, so that strangers cannot make the server hold memory. */
export const UNAUTHENTICATED_MAX_ARGUMENTS = 10;
export const UNAUTHENTICATED_MAX_BULK_BYTES = 16_384;
