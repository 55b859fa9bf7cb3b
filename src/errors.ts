/** Typed errors and the exit codes that the command line answers with. */

/**
 * The exit-code table, the same with and without `--json` (docs/exit-codes.md is checked against it).
 * Codes below 64 are RedNode's own; 130 and 143 are 128 + the signal, as shells report it.
 */
export const ExitCode = {
  ok: 0,
  /** The server answered with an error. */
  serverError: 1,
  /** Unknown flag, bad value, missing argument, or a confirmation that was not given. */
  usage: 2,
  /** No such cluster or node, connection refused or lost. */
  unreachable: 3,
  /** A port, address or cluster name is taken. */
  inUse: 4,
  /** The time limit passed first. */
  timeout: 5,
  /** Files or folders cannot be read or written. */
  io: 6,
  /** A defect in RedNode itself. */
  internal: 70,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export interface ErrorDetail {
  /** What to do next: shown on a line of its own behind `try`. */
  readonly hint?: string;
  /** Named values that belong to the failure, shown one per line (`node  n2 127.0.0.1:7380`). */
  readonly context?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error that a person is meant to read: what failed, with which value, and what to do next. */
export class RedNodeError extends Error {
  readonly hint: string | undefined;
  readonly context: Readonly<Record<string, string>>;

  constructor(
    /** Stable upper-case identifier (`PORT_IN_USE`), also the `code` of the JSON form. */
    readonly code: string,
    message: string,
    readonly exitCode: ExitCode,
    detail: ErrorDetail = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'RedNodeError';
    this.hint = detail.hint;
    this.context = detail.context ?? {};
  }
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` that Node.js puts on system errors (`ECONNREFUSED`), or undefined. */
export function systemCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
