/** Errors in the words of the library: what the launcher and the server hint at are flags of the command line. */
import { ExitCode, RedNodeError } from '../errors.js';

/** By code. Hints that are not listed hold for users of the library as well, or were left out. */
const hints: Readonly<Record<string, string>> = {
  PORT_IN_USE: 'leave `port` out to take a free one',
  NO_FREE_PORTS: 'give a first port with `port`',
  BAD_PORT: 'give a lower `port`',
  START_FAILED:
    '`startTimeoutMs` allows more time; `logLevel: "debug"` says more in the log, whose end is in `context.log`',
  NODE_DOWN: 'it is being started again: `status()` tells when it is back',
  NO_NODE: '`status()` lists the nodes by name',
  NOT_IN_SYNC: '`status()` tells when its replica is in sync',
};

/** An error as it travels from the launcher's process. */
export interface PackedError {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
  readonly context: Readonly<Record<string, string>>;
}

export function unpackError({ code, message, exitCode, context }: PackedError): RedNodeError {
  const known = Object.values(ExitCode).find((value) => value === exitCode) ?? ExitCode.internal;
  // Test runners show the message and little else.
  const log = context.log as string | undefined;
  return withHint(code, log === undefined ? message : `${message}\n${log}`, known, context);
}

/** The same error with a hint that a user of the library can follow. */
export function inLibraryWords(error: RedNodeError): RedNodeError {
  return withHint(error.code, error.message, error.exitCode, error.context, error);
}

function withHint(
  code: string,
  message: string,
  exitCode: ExitCode,
  context: Readonly<Record<string, string>>,
  cause?: unknown,
): RedNodeError {
  const hint = hints[code] as string | undefined;
  return new RedNodeError(code, message, exitCode, { ...(hint === undefined ? {} : { hint }), context, cause });
}

export function stopped(what: 'server' | 'cluster'): RedNodeError {
  return new RedNodeError('STOPPED', `the ${what} has been stopped`, ExitCode.unreachable);
}
