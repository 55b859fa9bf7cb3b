/** A server process to be fuzzed: whether it lives, and what it holds. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { RawConnection } from '../support/raw-connection.js';

const ENTRY = path.join(import.meta.dirname, 'target-main.ts');
const ANSWER_TIMEOUT_MS = 10_000;
const SHOWN_ERROR_CHARACTERS = 2000;

export class Target {
  private errors = '';

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {
    child.stderr?.on('data', (chunk: Buffer) => {
      this.errors = (this.errors + chunk.toString()).slice(-SHOWN_ERROR_CHARACTERS);
    });
  }

  static async start(): Promise<Target> {
    const child = spawn(process.execPath, ['--import=tsx', ENTRY], { stdio: ['pipe', 'pipe', 'pipe'] });
    const [line] = (await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error('the server did not start'))),
    ])) as [Buffer];
    return new Target(child, Number(line.toString()));
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** What it said before it died. */
  get lastWords(): string {
    return `exit code ${this.child.exitCode ?? 'none'}, signal ${this.child.signalCode ?? 'none'}\n${this.errors}`;
  }

  /** Resident memory, as the kernel counts it. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.child.pid ?? 0}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  }

  /** Rejects when it does not answer. */
  async ask(command: string): Promise<string> {
    await using connection = await RawConnection.open(this.port);
    connection.send(`${command}\r\n`);
    return (await connection.reply(ANSWER_TIMEOUT_MS)).toString('latin1');
  }

  async stop(): Promise<void> {
    if (!this.isAlive) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }
}
