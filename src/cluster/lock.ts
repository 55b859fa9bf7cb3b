/** The lock of a cluster's folder: one launcher at a time, and a dead one's lock is taken over without a race. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod/mini';
import { ExitCode, RedNodeError, systemCodeOf } from '../errors.js';
import { fileError, PRIVATE_FILE_MODE } from './private-files.js';

const lockSchema = z.object({ pid: z.int(), nonce: z.string() });
type LockContent = z.infer<typeof lockSchema>;

/** A lock younger than this is honoured even when its owner does not answer: it may be starting. */
const STARTING_GRACE_MS = 10_000;
/** A lock file is filled right after it is made; one that stays empty for longer belongs to a process that died in between. */
const EMPTY_LOCK_RETRIES = 20;
const EMPTY_LOCK_RETRY_MS = 25;
const ATTEMPTS = 20;
/** A takeover is itself guarded by a lock, which may be left behind by a crash, and so on; deeper than this is no accident. */
const MAX_TAKEOVER_DEPTH = 3;

export interface Lock {
  /** Whether a dead launcher's lock was in the way: its nodes may take a moment more to exit. */
  readonly tookOver: boolean;
  release(): Promise<void>;
}

/** Whether the process that holds a lock answers, asked only when its pid is alive. */
export type OwnerProbe = (pid: number) => Promise<boolean>;

/** Takes the lock. Throws LOCKED (exit code 4, with the owner's pid in the context) while its owner is alive. */
export async function takeLock(path: string, answers: OwnerProbe): Promise<Lock> {
  return acquire(path, answers, 0);
}

async function acquire(path: string, answers: OwnerProbe, depth: number): Promise<Lock> {
  // The global, which loads when it is used: the command line reads locks and takes none.
  const nonce = crypto.randomUUID();
  let tookOver = false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (createLockFile(path, { pid: process.pid, nonce })) return { tookOver, release: () => release(path, nonce) };
    const owner = await readLock(path);
    if (owner === undefined) continue;
    if (await isHeld(path, owner, answers)) throw locked(path, owner.pid);
    await removeStale(path, owner, answers, depth);
    tookOver = true;
  }
  throw locked(path, 0);
}

/** Made and filled without a pause in between; false when there is one already. */
function createLockFile(path: string, content: LockContent): boolean {
  try {
    const file = openSync(path, 'wx', PRIVATE_FILE_MODE);
    try {
      writeSync(file, JSON.stringify(content));
    } finally {
      closeSync(file);
    }
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw fileError(`cannot make the lock ${path}`, error);
  }
}

/** Undefined when there is no lock any more; an unreadable one belongs to pid 0, which nobody is. */
async function readLock(path: string): Promise<LockContent | undefined> {
  for (let retry = 0; retry < EMPTY_LOCK_RETRIES; retry++) {
    const text = await readIfThere(path);
    if (text === undefined) return undefined;
    const content = parseLock(text);
    if (content !== undefined) return content;
    await delay(EMPTY_LOCK_RETRY_MS);
  }
  return { pid: 0, nonce: 'unreadable' };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw fileError(`cannot read the lock ${path}`, error);
  }
}

function parseLock(text: string): LockContent | undefined {
  try {
    return lockSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A live pid alone proves little: after a reboot it may be any program's. */
async function isHeld(path: string, owner: LockContent, answers: OwnerProbe): Promise<boolean> {
  if (!isProcessAlive(owner.pid)) return false;
  if (await answers(owner.pid)) return true;
  const ageMs = await ageOf(path);
  return ageMs !== undefined && ageMs < STARTING_GRACE_MS;
}

async function ageOf(path: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw fileError(`cannot read the lock ${path}`, error);
  }
}

/** Whether a process of that pid runs, ours or not. */
export function isProcessAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCodeOf(error) !== 'EPERM') return false;
  }
  return !isZombie(pid);
}

/** A process that has ended keeps its pid until its parent takes notice, which the first process of a container may never do. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before the state is in parentheses, and may hold some itself.
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch (error) {
    // Gone in the meantime (ESRCH while it is being read), or no /proc to see it in.
    if (systemCodeOf(error) === undefined) throw error;
    return systemCodeOf(error) === 'ESRCH';
  }
}

/**
 * Removes a dead owner's lock. Only who holds the takeover lock of exactly that owner (by its nonce) may do so, and looks again
 * first: otherwise a slow competitor would remove the lock that a quicker one has just made for itself.
 */
async function removeStale(path: string, owner: LockContent, answers: OwnerProbe, depth: number): Promise<void> {
  if (depth >= MAX_TAKEOVER_DEPTH) throw locked(path, owner.pid);
  const takeover = await acquire(`${path}.${owner.nonce}`, answers, depth + 1);
  try {
    const current = await readLock(path);
    if (current?.nonce !== owner.nonce) return;
    const aside = `${path}.${owner.nonce}.stale`;
    await rename(path, aside);
    await rm(aside, { force: true });
  } catch (error) {
    throw error instanceof RedNodeError ? error : fileError(`cannot take over the lock ${path}`, error);
  } finally {
    await takeover.release();
  }
}

async function release(path: string, nonce: string): Promise<void> {
  const current = await readLock(path);
  if (current?.nonce === nonce) await rm(path, { force: true });
}

function locked(path: string, pid: number): RedNodeError {
  const owner = pid > 0 ? `process ${pid}` : 'another process';
  return new RedNodeError('LOCKED', `${path} is held by ${owner}`, ExitCode.inUse, { context: { pid: String(pid) } });
}

/** Whether an error is that of a lock in other hands, and whose. */
export function lockOwnerOf(error: unknown): number | undefined {
  return error instanceof RedNodeError && error.code === 'LOCKED' ? Number(error.context.pid) : undefined;
}

/** The pid in a lock file, or undefined when there is none. */
export async function readLockOwner(path: string): Promise<number | undefined> {
  return (await readLock(path))?.pid;
}
