/** How much may wait in a connection's socket, by class of client: Redis's client-output-buffer-limit. */

/** `replica` is `slave` on the wire. */
export type OutputClass = 'normal' | 'replica' | 'pubsub';

export interface OutputLimit {
  /** More than this ends the connection at once; 0: no limit. */
  readonly hardBytes: number;
  /** More than this for longer than `softMs` ends it; 0: no limit. */
  readonly softBytes: number;
  readonly softMs: number;
}

export type OutputLimits = Readonly<Record<OutputClass, OutputLimit>>;

const MIB = 1024 * 1024;

/** Redis's defaults. What a normal client does not read is bounded all the same: its requests are not read while its socket is full. */
export const defaultOutputLimits: OutputLimits = {
  normal: { hardBytes: 0, softBytes: 0, softMs: 0 },
  replica: { hardBytes: 256 * MIB, softBytes: 64 * MIB, softMs: 60_000 },
  pubsub: { hardBytes: 32 * MIB, softBytes: 8 * MIB, softMs: 60_000 },
};

/** As CONFIG GET prints them: `normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60`. */
export function formatOutputLimits({ normal, replica, pubsub }: OutputLimits): string {
  return `normal ${limitText(normal)} slave ${limitText(replica)} pubsub ${limitText(pubsub)}`;
}

function limitText({ hardBytes, softBytes, softMs }: OutputLimit): string {
  return `${hardBytes} ${softBytes} ${softMs / 1000}`;
}
