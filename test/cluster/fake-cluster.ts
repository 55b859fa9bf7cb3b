/** Starts clusters of fake nodes in a folder of their own, and stops what a test leaves running. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clusterDirectory } from '../../src/config/home.js';
import { startCluster } from '../../src/cluster/launcher.js';
import type { Launcher } from '../../src/cluster/launcher.js';
import type { LauncherTimings } from '../../src/cluster/limits.js';
import type { ClusterOptions, StartStep } from '../../src/cluster/types.js';
import { freePortBlock } from '../support/free-port.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import type { TemporaryFolder } from '../support/temporary-folder.js';

export const fakeNodeEntry = fileURLToPath(new URL('fake-node.js', import.meta.url));

/** What one node is to do wrong; see fake-node.js. */
export interface FakeBehaviour {
  readonly failStart?: string;
  readonly dieAtOnce?: boolean;
  /** As a process that Ctrl-C reaches before it ignores it. */
  readonly dieOfSignal?: NodeJS.Signals;
  readonly neverSync?: boolean;
  readonly offset?: number;
  readonly dieWhenPromoted?: boolean;
}

export class FakeClusters implements AsyncDisposable {
  readonly steps: StartStep[] = [];
  readonly #launchers: Launcher[] = [];
  readonly #environment = { ...process.env };

  private constructor(private readonly folder: TemporaryFolder) {
    process.env.REDNODE_HOME = folder.path;
  }

  static async create(): Promise<FakeClusters> {
    return new FakeClusters(await temporaryFolder('cluster'));
  }

  get home(): string {
    return this.folder.path;
  }

  options(changes: Partial<ClusterOptions> = {}): ClusterOptions {
    const name = changes.name ?? 'test';
    const shape = { masters: 2, replicasPerMaster: 1, host: '127.0.0.1', port: 20_000, portIsExplicit: false };
    const rest = { ephemeral: false, startTimeoutMs: 20_000, maxMemoryBytes: 0, logLevel: 'info' };
    return { name, directory: clusterDirectory(this.home, name), ...shape, ...rest, ...changes };
  }

  async start(
    changes: Partial<ClusterOptions> = {},
    behaviour: Readonly<Record<string, FakeBehaviour>> = {},
    timings: Partial<LauncherTimings> = {},
  ): Promise<Launcher> {
    this.behave(behaviour);
    const onStep = (step: StartStep): void => {
      this.steps.push(step);
    };
    const launcher = await startCluster(
      this.options({ port: await freePortBlock(6), ...changes }),
      onStep,
      fakeNodeEntry,
      timings,
    );
    this.#launchers.push(launcher);
    return launcher;
  }

  /** From now on started processes behave so. */
  behave(behaviour: Readonly<Record<string, FakeBehaviour>>): void {
    process.env.FAKE_NODE = JSON.stringify(behaviour);
  }

  logFile(node: string, name = 'test'): string {
    return join(clusterDirectory(this.home, name), `${node}.log`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#launchers.map((launcher) => launcher.stop()));
    process.env = this.#environment;
    await this.folder.remove();
  }
}
