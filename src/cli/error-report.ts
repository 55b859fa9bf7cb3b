/** How an error is shown, the same for every command: as text on stderr, or as one JSON object on stderr. */
import { ExitCode, messageOf, RedNodeError, systemCodeOf } from '../errors.js';
import { hintAsTyped } from './program-name.js';
import type { Theme } from './theme.js';
import { isParseError, usageErrorFrom } from './usage-errors.js';

/** Any thrown value as an error with a code and an exit code. What nobody foresaw is INTERNAL, a defect. */
export function asRedNodeError(error: unknown): RedNodeError {
  if (error instanceof RedNodeError) return error;
  if (isParseError(error)) return usageErrorFrom(error);
  const systemCode = systemCodeOf(error);
  if (systemCode === 'EACCES' || systemCode === 'EPERM' || systemCode === 'ENOSPC' || systemCode === 'EROFS') {
    return new RedNodeError(systemCode, messageOf(error), ExitCode.io, { cause: error });
  }
  return new RedNodeError('INTERNAL', messageOf(error), ExitCode.internal, {
    hint: 'the same command with --debug shows where it happened',
    cause: error,
  });
}

/**
 * The text form: `error: <message>`, its named values aligned, and what to do next behind `try`.
 * With `debug` the stack follows. `program`: how commands in the hint begin (`programName`). Ends without a line feed.
 */
export function errorText(error: RedNodeError, theme: Theme, debug: boolean, program = 'rednode'): string {
  const rows = Object.entries(error.context);
  if (error.hint !== undefined) rows.push(['try', hintAsTyped(error.hint, program)]);
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  const [firstLine = '', ...moreLines] = error.message.split('\n');
  const lines = [`${theme.failed('error:')} ${firstLine}`, ...moreLines.map((line) => `  ${line}`)];
  for (const [name, value] of rows) lines.push(...contextLines(name.padEnd(width), value, theme));
  if (debug) lines.push(theme.dim(stackOf(error)));
  return lines.join('\n');
}

/** A value of several lines (the tail of a log) continues under its own beginning. */
function contextLines(label: string, value: string, theme: Theme): string[] {
  const [first = '', ...rest] = value.trimEnd().split('\n');
  const indent = ' '.repeat(label.length + 4);
  return [`  ${theme.dim(label)}  ${first}`, ...rest.map((line) => indent + line)];
}

function stackOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own;
}

/** The JSON form, printed on stderr as one line. Fields without a value are left out. */
export function errorJson(error: RedNodeError, debug: boolean, program = 'rednode'): object {
  return {
    error: {
      code: error.code,
      message: error.message,
      exitCode: error.exitCode,
      ...(error.hint === undefined ? {} : { hint: hintAsTyped(error.hint, program) }),
      ...(Object.keys(error.context).length === 0 ? {} : { context: error.context }),
      ...(debug ? { stack: stackOf(error) } : {}),
    },
  };
}
