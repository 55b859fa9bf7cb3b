/** The error of a start that failed: which node, why, and the end of its log. */
import { open } from 'node:fs/promises';
import { ExitCode, messageOf, RedNodeError, systemCodeOf } from '../errors.js';
import { LOG_TAIL_LINES } from './limits.js';
import type { Member } from './member.js';

const MAX_TAIL_BYTES = 16 * 1024;

/** START_FAILED for a node that exited or refused to start. Its log's tail is in the context, a line each. */
export async function startFailed(member: Member, cause: unknown): Promise<RedNodeError> {
  const reason = cause === undefined ? `${member.name} exited` : messageOf(cause);
  const exitCode =
    cause instanceof RedNodeError && cause.exitCode !== ExitCode.unreachable ? cause.exitCode : ExitCode.internal;
  return failure(member, `the cluster did not start: ${reason}`, exitCode, cause);
}

/** START_FAILED with exit code 5: the node was not ready in time. */
export async function startTimedOut(member: Member, timeoutMs: number, what: string): Promise<RedNodeError> {
  const message = `the cluster was not ready within ${timeoutMs / 1000} s: ${member.name} ${what}`;
  return failure(member, message, ExitCode.timeout, undefined);
}

async function failure(member: Member, message: string, exitCode: ExitCode, cause: unknown): Promise<RedNodeError> {
  const { host, port } = member.options.node;
  const lines = isAboutFiles(cause) ? [] : await logTail(member.options.logFile);
  const log = lines.length === 0 ? {} : { log: lines.join('\n') };
  return new RedNodeError('START_FAILED', message, exitCode, {
    hint: hintOf(exitCode, cause),
    context: { node: `${member.name} ${host}:${port}`, ...log },
    cause,
  });
}

/** Whether the certificate or its key is to blame: the message says all there is to say. */
function isAboutFiles(cause: unknown): boolean {
  return cause instanceof RedNodeError && 'code' in cause.context && cause.context.code.startsWith('TLS_');
}

function hintOf(exitCode: ExitCode, cause: unknown): string {
  if (exitCode === ExitCode.timeout) return 'allow more time with --timeout';
  if (isAboutFiles(cause)) return '--tls-cert FILE --tls-key FILE [--tls-ca FILE], all of them PEM';
  return 'rednode cluster up --log-level debug shows more';
}

/** The last lines of a log; none when there is no log. */
async function logTail(path: string, lineCount = LOG_TAIL_LINES): Promise<string[]> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
  try {
    const { size } = await file.stat();
    const length = Math.min(size, MAX_TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n');
    return lines.slice(-lineCount).filter((line) => line !== '');
  } finally {
    await file.close();
  }
}
