/** Folders that only their owner may enter, and file system errors in words for people. */
import { makeFolder } from '../config/make-folder.js';
import { ExitCode, messageOf, RedNodeError } from '../errors.js';

/** What to do about a folder that cannot be used. */
export const OTHER_FOLDER_HINT = 'set REDNODE_HOME to a folder that you can write in';

export const PRIVATE_FILE_MODE = 0o600;
const PRIVATE_FOLDER_MODE = 0o700;

/** Makes the folder (0700) and those above it; one that exists stays as it is. Throws FILE_ERROR. */
export function makePrivateFolder(path: string): void {
  try {
    makeFolder(path, PRIVATE_FOLDER_MODE);
  } catch (error) {
    throw fileError(`cannot make the folder ${path}`, error, OTHER_FOLDER_HINT);
  }
}

/** A file system error for people: what was tried, the system's own words, and what to do. */
export function fileError(what: string, cause: unknown, hint?: string): RedNodeError {
  return new RedNodeError('FILE_ERROR', `${what}: ${messageOf(cause)}`, ExitCode.io, {
    cause,
    ...(hint !== undefined && { hint }),
  });
}
