/** The folder of a running cluster: taken with its lock at the start, left behind, restored or removed at the end. */
import { readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { rednodeHome } from '../config/home.js';
import { ExitCode, RedNodeError, systemCodeOf } from '../errors.js';
import { isStartFile, lockFilePath, logFilePath, tenantJournalPath } from './cluster-files.js';
import { isListening } from './control-client.js';
import { controlSocketPath, prepareSocketFolder } from './control-socket-path.js';
import { registerCluster, unregisterCluster } from './directory.js';
import { lockOwnerOf, takeLock } from './lock.js';
import type { Lock } from './lock.js';
import { fileError, makePrivateFolder, OTHER_FOLDER_HINT } from './private-files.js';
import { StateFile, stateFilePath } from './state-file.js';
import type { ClusterState } from './state-file.js';
import type { ClusterOptions } from './types.js';

export class ClusterFolder {
  private constructor(
    private readonly options: ClusterOptions,
    private readonly lock: Lock,
    /** The folder was not there before. */
    private readonly isNew: boolean,
    /** An earlier run has left a state file. */
    private readonly hasState: boolean,
  ) {}

  /** Throws CLUSTER_RUNNING (exit code 4) when another launcher has it, FILE_ERROR when it cannot be made. */
  static async take(options: ClusterOptions): Promise<ClusterFolder> {
    const { directory, name } = options;
    const isNew = !(await exists(directory));
    const hasState = !isNew && (await exists(stateFilePath(directory)));
    makePrivateFolder(directory);
    const socketPath = controlSocketPath(directory);
    let lock: Lock;
    try {
      lock = await takeLock(lockFilePath(directory), () => isListening(socketPath));
    } catch (error) {
      throw runningError(name, error);
    }
    const folder = new ClusterFolder(options, lock, isNew, hasState);
    try {
      await prepareSocketFolder(socketPath);
      await registerCluster(rednodeHome(), name, directory);
    } catch (error) {
      await folder.abandon();
      throw error;
    }
    return folder;
  }

  /** Whether a launcher died without letting go: its nodes may take a moment more to exit. */
  get wasAbandoned(): boolean {
    return this.lock.tookOver;
  }

  /** Keeps the logs of the run before this one, and of no other. */
  async rotateLogs(nodeNames: readonly string[]): Promise<void> {
    const rotate = async (path: string): Promise<void> => {
      try {
        await rename(path, `${path}.old`);
      } catch (error) {
        if (systemCodeOf(error) !== 'ENOENT') throw error;
      }
    };
    await Promise.all(nodeNames.map((name) => rotate(logFilePath(this.options.directory, name))));
  }

  /** The end of a run whose state stays. */
  async leave(): Promise<void> {
    await this.lock.release();
  }

  /** The end of a run of which nothing is to stay: what was kept before it is put back, what it made is removed. */
  async discard(keptBefore: ClusterState | undefined): Promise<void> {
    const { directory } = this.options;
    if (keptBefore !== undefined) await new StateFile(directory).save(keptBefore);
    else await rm(stateFilePath(directory), { force: true });
    await rm(tenantJournalPath(directory), { force: true });
    await this.abandon();
  }

  /** The end of a start that has changed nothing yet. */
  async abandon(): Promise<void> {
    const { directory, name } = this.options;
    await this.lock.release();
    if (this.hasState) return;
    await unregisterCluster(rednodeHome(), name);
    if (this.isNew) await rm(directory, { recursive: true, force: true });
    else await removeStartFiles(directory);
  }
}

function runningError(name: string, error: unknown): unknown {
  const pid = lockOwnerOf(error);
  if (pid === undefined) return error;
  const owner = pid > 0 ? ` (launcher pid ${pid})` : '';
  return new RedNodeError('CLUSTER_RUNNING', `cluster ${name} is running already${owner}`, ExitCode.inUse, {
    hint: `rednode shell --cluster ${name}, rednode cluster down ${name}, or another name: rednode cluster up NAME`,
    cause: error,
  });
}

/** What starts that were killed have left in a folder goes; what else is in it is not ours. */
async function removeStartFiles(directory: string): Promise<void> {
  const names = await readdir(directory);
  await Promise.all(names.filter(isStartFile).map((name) => rm(join(directory, name), { force: true })));
  if (names.every(isStartFile)) await rmdir(directory);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw fileError(`cannot make the folder ${path}`, error, OTHER_FOLDER_HINT);
  }
}
