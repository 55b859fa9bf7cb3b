/** The package as a user gets it: packed, and installed from the tarball. Needs the program to be built. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';

const ROOT = path.join(import.meta.dirname, '../..');
const TIMEOUT_MS = 60_000;

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** A tarball, installed in a folder that has nothing else. */
export class InstalledPackage implements AsyncDisposable {
  private constructor(
    private readonly temporary: TemporaryFolder,
    readonly tarball: string,
    /** The folder of the project that it is installed in. */
    readonly folder: string,
  ) {}

  static async create(): Promise<InstalledPackage> {
    const temporary = await temporaryFolder('package');
    const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', temporary.path], ROOT);
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    const tarball = path.join(temporary.path, filename);
    const folder = path.join(temporary.path, 'project');
    await mkdir(folder);
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ name: 'project', private: true }));
    // Offline: what it takes to run is in the tarball.
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], folder);
    return new InstalledPackage(temporary, tarball, folder);
  }

  /** A copy of a project of this repository, with the package, and the repository's own copies of whatever else it needs. */
  async project(source: string): Promise<string> {
    const folder = path.join(this.temporary.path, path.basename(source));
    await cp(path.join(ROOT, source), folder, { recursive: true });
    const text = await readFile(path.join(folder, 'package.json'), 'utf8');
    const { devDependencies } = JSON.parse(text) as { devDependencies: Record<string, string> };
    await this.addModules(folder, [...Object.keys(devDependencies), '.bin', '@jest/globals']);
    return folder;
  }

  /** Puts the package, and the named ones of this repository, into a folder's node_modules. */
  async addModules(folder: string, names: readonly string[]): Promise<void> {
    for (const name of names) {
      const target = path.join(folder, 'node_modules', name);
      await mkdir(path.dirname(target), { recursive: true });
      if (name === 'rednode') await cp(path.join(this.folder, 'node_modules/rednode'), target, { recursive: true });
      else await symlink(path.join(ROOT, 'node_modules', name), target);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.temporary.remove();
  }
}

/** Runs a program as a person would, without what this test runner has set. Rejects with its output when it fails. */
export async function run(program: string, args: readonly string[], cwd: string, home = cwd): Promise<RunResult> {
  const env = { ...ownEnvironment(), REDNODE_HOME: path.join(home, 'rednode-home') };
  try {
    return await promisify(execFile)(program, args, { cwd, env, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as Partial<RunResult>;
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error });
  }
}

function ownEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:REDNODE_|NODE_OPTIONS$|npm_|VITEST|JEST_)/.test(name),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? '']));
}
