/** A folder for one test, removed with all that is in it when the test is done. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Makes an empty folder. Use it with `await using`, or call `remove` in an `after` hook.
 * `name` appears in its path, so that what a failed run leaves behind can be told.
 */
export async function temporaryFolder(name: string): Promise<TemporaryFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), `rednode-${name}-`));
  // Retries: a process that has just been killed may still be writing its last file.
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  return { path: folder, remove, [Symbol.asyncDispose]: remove };
}
