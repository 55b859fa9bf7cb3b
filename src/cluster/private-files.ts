/** Folders that only their owner may enter, and file system errors in words for people. */
import { mkdir } from 'node:fs/promises';
import { ExitCode, messageOf, RedNodeError } from '../errors.js';

export const PRIVATE_FILE_MODE = 0o600;
const PRIVATE_FOLDER_MODE = 0o700;

/** Makes the folder (0700) and those above it; one that exists stays as it is. Throws FILE_ERROR. */
export async function makePrivateFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: PRIVATE_FOLDER_MODE });
  } catch (error) {
    throw fileError(`cannot make the folder ${path}`, error);
  }
}

/** A file system error for people: what was tried, and the system's own words. */
export function fileError(what: string, cause: unknown): RedNodeError {
  return new RedNodeError('FILE_ERROR', `${what}: ${messageOf(cause)}`, ExitCode.io, { cause });
}
