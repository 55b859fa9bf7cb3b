/** The shell in a real pseudo-terminal. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type * as nodePty from '@lydell/node-pty';
import { eventually } from '../support/eventually.js';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';

const SCRIPT = fileURLToPath(new URL('pty-shell.ts', import.meta.url));
const START_TIMEOUT_MS = 20_000;
const PROMPT = 'default/acme> ';
/** Wrapped where the terminal ends. */
const CONFIRMATION = /Type acme to\s+go\s+on:/;
const DIM = '\u001b[2m';

/** One run of the shell, and all that it has written. */
class ShellRun {
  written = '';
  exitCode: number | undefined;

  constructor(private readonly terminal: nodePty.IPty) {
    terminal.onData((text) => (this.written += text));
    terminal.onExit(({ exitCode }) => (this.exitCode = exitCode));
  }

  type(text: string): void {
    this.terminal.write(text);
  }

  /** Waits until text appears in what was written since `mark`; colours and cursor movement do not count. */
  async shows(text: string | RegExp, mark = 0): Promise<void> {
    await eventually(
      () => {
        const seen = stripVTControlCharacters(this.written.slice(mark));
        const found = typeof text === 'string' ? seen.includes(text) : text.test(seen);
        assert.ok(found, `${String(text)} is not in ${JSON.stringify(this.written.slice(mark))}`);
        return true;
      },
      { timeoutMs: START_TIMEOUT_MS },
    );
  }

  /** Types a line and waits for its result and the next prompt. */
  async run(line: string, result: string): Promise<void> {
    const mark = this.written.length;
    this.type(`${line}\r`);
    await this.shows(result, mark);
    await this.shows(new RegExp(`${result.replaceAll(/[()"]/g, '\\$&')}[^]*default/\\w+> `), mark);
  }

  async ends(): Promise<number> {
    await eventually(() => this.exitCode !== undefined);
    return this.exitCode ?? -1;
  }

  stop(): void {
    if (this.exitCode === undefined) this.terminal.kill('SIGKILL');
  }
}

describe('shell in a terminal', function () {
  this.timeout(START_TIMEOUT_MS * 2);
  let pty: Pick<typeof nodePty, 'spawn'>;
  let folder: TemporaryFolder;
  const runs: ShellRun[] = [];

  async function start(environment: Record<string, string> = {}, term = 'xterm-256color'): Promise<ShellRun> {
    const { NO_COLOR: _noColour, ...inherited } = process.env;
    const terminal = pty.spawn(process.execPath, ['--import', 'tsx', SCRIPT, path.join(folder.path, 'history')], {
      // node-pty sets TERM to this.
      name: term,
      cols: 80,
      rows: 24,
      env: { ...inherited, ...environment },
    });
    const run = new ShellRun(terminal);
    runs.push(run);
    await run.shows(PROMPT);
    return run;
  }

  before(async function () {
    try {
      pty = await import('@lydell/node-pty');
    } catch (error) {
      process.stderr.write(`  skipped: node-pty cannot be loaded here (${String(error)})\n`);
      this.skip();
    }
  });
  beforeEach(async () => {
    folder = await temporaryFolder('shell');
  });
  afterEach(async () => {
    for (const run of runs.splice(0)) run.stop();
    await folder.remove();
  });

  it('runs lines, and leaves on Ctrl-D with exit code 0', async () => {
    const shell = await start();
    await shell.run('set k "a b"', 'OK');
    await shell.run('get k', '"a b"');
    await shell.run('incr k', '(error) ERR value is not an integer or out of range  n2');
    await shell.run('get "k', 'error: this quote is not closed at column 5');
    shell.type('\u0004');
    assert.equal(await shell.ends(), 0);
  });

  it('shows the syntax that is left dimmed behind the cursor, and takes it away before the line is run', async () => {
    const shell = await start();
    shell.type('get');
    await eventually(() => shell.written.includes(`${DIM} key`));
    const mark = shell.written.length;
    shell.type(' k\r');
    await shell.shows('(nil)', mark);
    const firstLine = shell.written.slice(mark).split('\r\n')[0];
    assert.ok(firstLine.lastIndexOf('\u001b[0K') > firstLine.lastIndexOf(DIM), JSON.stringify(firstLine));
  });

  it('completes on Tab', async () => {
    const shell = await start();
    const mark = shell.written.length;
    shell.type('strl\t');
    await shell.shows('strlen', mark);
    shell.type('\u0003use Al\t');
    await shell.shows('use Alpha', mark);
    await shell.run('', 'OK');
    await shell.shows('default/Alpha> ', mark);
  });

  it('lists the candidates on two Tabs, also when both arrive at once', async () => {
    const shell = await start();
    shell.type('tenant \t\t');
    await shell.shows(/create +drop +flush +help +info +limit +list +rename +stats +token\s+use/);
    await shell.shows(/use\s+default\/acme> tenant (?!\t)/);
  });

  it('searches the history on Ctrl-R, further back on the next, and runs what is found', async () => {
    const shell = await start();
    for (const line of ['set other x', 'set k first', 'set k second']) await shell.run(line, 'OK');
    let mark = shell.written.length;
    shell.type('\u0012set k\u0012');
    await shell.shows("(reverse-i-search)`set k': set k first", mark);
    await shell.run('', 'OK');
    await shell.run('get k', '"first"');
    mark = shell.written.length;
    shell.type('\u0012nowhere');
    await shell.shows("(failed reverse-i-search)`nowhere': ", mark);
    mark = shell.written.length;
    shell.type('\u0003');
    await shell.shows(PROMPT, mark);
    await shell.run('get other', '"x"');
  });

  it('leaves the search with the line as it was on Ctrl-G, and with what was found on Escape', async () => {
    const shell = await start();
    await shell.run('set k v', 'OK');
    shell.type('get k\u0012set');
    await shell.shows("(reverse-i-search)`set': set k v");
    shell.type('\u0007');
    await shell.run('', '"v"');
    const mark = shell.written.length;
    shell.type('\u0012set\u001b');
    await shell.shows(/default\/acme> set k v/, mark);
  });

  it('clears the line on Ctrl-C, and tells on an empty one how to leave', async () => {
    const shell = await start();
    shell.type('set k v');
    await shell.shows('set k v');
    shell.type('\u0003');
    await shell.run('get k', '(nil)');
    const mark = shell.written.length;
    shell.type('\u0003');
    await shell.shows('Ctrl-D leaves', mark);
    await shell.run('get k', '(nil)');
  });

  it('recalls lines of this shell and of earlier ones, without secrets', async () => {
    const first = await start();
    await first.run('set k v', 'OK');
    await first.run('auth acme s3cret', 'OK');
    first.type('\u001b[A');
    await first.shows('auth (redacted)');
    first.type('\u0003\u0004');
    await first.ends();
    const second = await start();
    second.type('\u001b[A\u001b[A');
    await second.shows(`${PROMPT}set k v`);
    second.type('\r');
    await second.shows(/set k v[^]*OK/);
  });

  it('runs pasted lines in order, each shown with its own prompt and result', async () => {
    const shell = await start();
    shell.type('slow 1\rslow 2\r\nslow 3\rslow');
    await shell.shows(/> slow$/m);
    const text = stripVTControlCharacters(shell.written).replaceAll('\r', '');
    const shown = text.split('\n').map((line) => line.replace(/^.*> (?=slow)/, '> ').replace(/^(> slow \d).*$/, '$1'));
    const expected = [1, 2, 3].flatMap((number) => [`> slow ${String(number)}`, `slow ${String(number)}`, '(100 ms)']);
    assert.deepEqual(shown.slice(0, expected.length), expected);
  });

  it('gives a command up on Ctrl-C', async () => {
    const shell = await start();
    shell.type('hang\r');
    await shell.shows(/hang\s/);
    const mark = shell.written.length;
    shell.type('\u0003');
    await shell.shows('not waited for', mark);
    await shell.run('get k', '(nil)');
  });

  it('prints a notice above the line that is being typed', async () => {
    const shell = await start();
    await shell.run('notice', 'soon');
    const mark = shell.written.length;
    shell.type('get k');
    await shell.shows(/n2 was lost\r\n[^]*default\/acme> get k/, mark);
    shell.type('\r');
    await shell.shows('(nil)', mark);
  });

  it('asks for the tenant before everything is removed', async () => {
    const shell = await start();
    await shell.run('set k v', 'OK');
    shell.type('flushall\r');
    await shell.shows(CONFIRMATION);
    await shell.run('no', 'error: FLUSHALL was not run');
    shell.type('flushall\r');
    const mark = shell.written.length;
    await shell.shows(CONFIRMATION, mark);
    await shell.run('acme', 'OK');
    await shell.run('get k', '(nil)');
  });

  it('stays in subscribe mode until Ctrl-C', async () => {
    const shell = await start();
    shell.type('subscribe news\r');
    await shell.shows('1) "subscribe"');
    const mark = shell.written.length;
    shell.type('\u0003');
    await shell.shows(PROMPT, mark);
    await shell.run('get k', '(nil)');
  });

  it('never wraps a hint, also where the line itself wraps', async () => {
    const shell = await start();
    const value = 'x'.repeat(150);
    shell.type(`set k ${value}`);
    await eventually(() => shell.written.includes(DIM, shell.written.lastIndexOf('x')));
    await shell.run('', 'OK');
    await shell.run('get k', `"${value}"`);
  });

  it('edits lines with wide characters', async () => {
    const shell = await start();
    shell.type('set 漢字 値X\u007f');
    await shell.run('', 'OK');
    await shell.run('get 漢字', '"値"');
  });

  it('shows no hints without colours, since they could not be told from what is typed', async () => {
    const shell = await start({ NO_COLOR: '1' });
    await shell.run('get k', '(nil)');
    assert.ok(!shell.written.includes('key'));
    assert.ok(!shell.written.includes(DIM));
  });

  it('writes no escape sequences on a dumb terminal', async () => {
    const shell = await start({ NO_COLOR: '1' }, 'dumb');
    await shell.run('set k v', 'OK');
    shell.type('flushall\r');
    await shell.shows(CONFIRMATION);
    await shell.run('acme', 'OK');
    await shell.run('get k', '(nil)');
    shell.type('\u0003');
    await shell.shows('Ctrl-D leaves');
    shell.type('\u0004');
    assert.equal(await shell.ends(), 0);
    assert.ok(!shell.written.includes('\u001b'), JSON.stringify(shell.written));
  });
});
