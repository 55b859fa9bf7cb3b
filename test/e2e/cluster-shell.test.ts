import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { spawn as spawnInTerminal } from '@lydell/node-pty';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/eventually.js';
import { freePortBlock } from '../support/free-port.js';
import { Rednode } from './rednode.js';

const PROGRAM = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const SMALL = ['--masters', '1', '--replicas', '0'];

describe('a cluster with a shell', function () {
  this.timeout(60_000);
  let rednode: Rednode;

  beforeEach(async () => {
    rednode = await Rednode.create('shell');
  });

  afterEach(async () => {
    await rednode.dispose();
  });

  /** In a terminal that cannot move its cursor, so that what it shows is plain text. */
  async function openShell(): Promise<Terminal> {
    const port = String(await freePortBlock(6));
    const terminal = new Terminal(['cluster', 'up', ...SMALL, '--port', port, '--shell'], rednode.home);
    await terminal.seen(/default\/default> $/);
    return terminal;
  }

  it('goes on after Ctrl-C, and stops when the shell is left', async () => {
    const terminal = await openShell();
    terminal.write('\u0003');
    await terminal.seen(/Ctrl-D leaves/);
    terminal.write('set k v\r');
    await terminal.seen(/OK\r\n/);
    terminal.write('\u0004');
    assert.equal(await terminal.exitCode, 0);
    assert.equal((await rednode.run(['cluster', 'status'])).exitCode, 3);
  });

  it('ends with one line and 0 when it is stopped from elsewhere', async () => {
    const terminal = await openShell();
    await rednode.ok(['cluster', 'down']);
    assert.equal(await terminal.exitCode, 0);
    assert.match(terminal.text, /default\/default> \r\ncluster default was stopped\r\n$/);
  });

  it('ends with 143 on SIGTERM', async () => {
    const terminal = await openShell();
    terminal.kill('SIGTERM');
    assert.equal(await terminal.exitCode, 143);
    assert.match(terminal.text, /cluster default was stopped\r\n$/);
  });

  it('in a pipe prints what its commands print and nothing else', async () => {
    const port = String(await freePortBlock(6));
    const args = ['cluster', 'up', ...SMALL, '--port', port, '--shell'];
    const { stdout, stderr } = await rednode.run(args, { input: 'set k v\nget k\n' });
    assert.equal(stdout, 'OK\nv');
    assert.match(stderr, /ready in/);
  });

  for (const flags of [[], ['--detach']]) {
    it(`a home that cannot be used is told with 6 ${flags.join('')}`, async () => {
      const file = path.join(path.dirname(rednode.home), 'file');
      await writeFile(file, '');
      const home = path.join(file, 'home');
      const result = await rednode.run(['cluster', 'up', ...flags], { env: { REDNODE_HOME: home } });
      assert.equal(result.exitCode, 6, result.stderr);
      assert.match(result.stderr, /cannot make the folder .*\/file\/home[^]*set REDNODE_HOME/);
    });
  }
});

class Terminal {
  readonly exitCode: Promise<number>;
  text = '';
  private readonly pty;

  constructor(args: readonly string[], home: string) {
    this.pty = spawnInTerminal(process.execPath, [PROGRAM, ...args], {
      cols: 80,
      rows: 24,
      env: { ...process.env, REDNODE_HOME: home, TERM: 'dumb' },
    });
    this.pty.onData((data) => (this.text += data));
    this.exitCode = new Promise((resolve) => {
      this.pty.onExit(({ exitCode }) => {
        resolve(exitCode);
      });
    });
  }

  write(keys: string): void {
    this.pty.write(keys);
  }

  kill(signal: string): void {
    this.pty.kill(signal);
  }

  async seen(pattern: RegExp): Promise<void> {
    await eventually(() => pattern.test(this.text), { timeoutMs: 20_000 });
  }
}
