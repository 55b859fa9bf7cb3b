/** Runs the real program in a home of its own, the way a person or a script does: as a process. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, type ResultPromise } from 'execa';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';

const PROGRAM = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
/** A command that hangs fails its test instead of the run. */
const COMMAND_TIMEOUT_MS = 40_000;

export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
}

/** A REDNODE_HOME and the program in it. */
export class Rednode {
  private constructor(private readonly folder: TemporaryFolder) {}

  static async create(name: string): Promise<Rednode> {
    return new Rednode(await temporaryFolder(name));
  }

  get home(): string {
    return path.join(this.folder.path, 'home');
  }

  /** Runs a command line to its end. Never rejects for an exit code. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
    const result = await this.start(args, options);
    return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
  }

  /** Runs a command line that must succeed, and returns its standard output. */
  async ok(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(args, options);
    if (exitCode !== 0) throw new Error(`rednode ${args.join(' ')} ended with ${exitCode}:\n${stderr}`);
    return stdout;
  }

  /** Runs a command line with --json and returns the value it prints. */
  async json(args: readonly string[], options: RunOptions = {}): Promise<unknown> {
    return JSON.parse(await this.ok([...args, '--json'], options));
  }

  /** Starts a command line that goes on by itself. */
  start(args: readonly string[], { env = {}, input = '', cwd }: RunOptions = {}): ResultPromise<{ reject: false }> {
    return execa(process.execPath, [PROGRAM, ...args], {
      env: { ...ownEnvironment(), REDNODE_HOME: this.home, ...env },
      extendEnv: false,
      input,
      reject: false,
      timeout: COMMAND_TIMEOUT_MS,
      ...(cwd === undefined ? {} : { cwd }),
    });
  }

  /** Stops every cluster of this home and removes it. */
  async dispose(): Promise<void> {
    await this.run(['cluster', 'down', '--all', '--purge', '--yes']);
    await this.folder.remove();
  }
}

/** The environment without what would change how the program behaves. */
function ownEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:REDNODE_|PORT$|NO_COLOR$|FORCE_COLOR$|NODE_|npm_)/.test(name),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? '']));
}

/** The fields of an error that was printed as JSON. */
export function jsonErrorOf({ stderr }: ProgramResult): Record<string, unknown> {
  const parsed = JSON.parse(stderr) as { error: Record<string, unknown> };
  return parsed.error;
}
