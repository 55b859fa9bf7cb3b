/** Runs the real program in a home of its own, the way a person or a script does: as a process. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/eventually.js';
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

/** A program that runs: what it has printed so far, and its end. */
export class Program {
  readonly finished: Promise<ProgramResult>;
  private readonly printed = { stdout: '', stderr: '' };

  constructor(private readonly child: ChildProcessWithoutNullStreams) {
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        this.printed[stream] += text;
      });
    }
    this.finished = this.watch();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Closes the end that its standard output is read from, as `| head` does. */
  stopReading(): void {
    this.child.stdout.destroy();
  }

  /** Waits until one of its streams has printed this. */
  async seen(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> {
    const found = await eventually(() => pattern.exec(this.printed[stream]), { timeoutMs: COMMAND_TIMEOUT_MS });
    if (found === null) throw new Error(`${String(pattern)} was not printed`);
    return found;
  }

  private async watch(): Promise<ProgramResult> {
    const [exitCode] = (await once(this.child, 'close')) as [number | null];
    const { stdout, stderr } = this.printed;
    return { exitCode: exitCode ?? -1, stdout: stdout.replace(/\n$/, ''), stderr: stderr.replace(/\n$/, '') };
  }
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
  run(args: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
    return this.start(args, options).finished;
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
  start(args: readonly string[], { env = {}, input = '', cwd }: RunOptions = {}): Program {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: { ...ownEnvironment(), REDNODE_HOME: this.home, ...env },
      timeout: COMMAND_TIMEOUT_MS,
      killSignal: 'SIGKILL',
      ...(cwd === undefined ? {} : { cwd }),
    });
    child.stdin.end(input);
    return new Program(child);
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
