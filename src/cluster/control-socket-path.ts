/** Where a cluster's control socket lies: in its folder, or somewhere short, since the path of a Unix socket is limited. */
import { createHash } from 'node:crypto';
import { tmpdir, userInfo } from 'node:os';
import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ExitCode, RedNodeError } from '../errors.js';
import { makePrivateFolder } from './private-files.js';

/** `sun_path` holds 104 bytes on macOS and the BSDs, 108 on Linux, its final zero included. */
const MAX_SOCKET_PATH_BYTES = 100;
const HASH_LENGTH = 16;
const NAME = 'control.sock';

/** The path for the cluster of that folder; the same every time. */
export function controlSocketPath(directory: string): string {
  const path = join(directory, NAME);
  if (process.platform === 'win32') return String.raw`\\.\pipe\rednode-${hashOf(directory)}`;
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return path;
  return join(tmpdir(), `rednode-${userInfo().uid}`, `${hashOf(directory)}.sock`);
}

/** Makes the folder of a socket path. Throws UNSAFE_FOLDER when one in the temporary folder belongs to somebody else. */
export async function prepareSocketFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = dirname(path);
  makePrivateFolder(folder);
  const { uid, mode } = await lstat(folder);
  const isShared = folder.startsWith(tmpdir()) && dirname(folder) === tmpdir();
  if (!isShared || (uid === userInfo().uid && (mode & 0o077) === 0)) return;
  throw new RedNodeError('UNSAFE_FOLDER', `${folder} can be entered by other users`, ExitCode.io, {
    hint: `remove it, or set REDNODE_HOME to a shorter path`,
  });
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
}
