import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandTable } from '../../src/command-table/index.js';
import { History, HISTORY_LINES_MAX } from '../../src/shell/history.js';
import { redact } from '../../src/shell/redaction.js';

describe('history', () => {
  let directory: string;
  let file: string;
  const problems: string[] = [];
  const open = (): History => {
    const history = new History({ file, table: commandTable, onProblem: (message) => problems.push(message) });
    history.load();
    return history;
  };

  beforeEach(() => {
    problems.length = 0;
    directory = mkdtempSync(join(tmpdir(), 'rednode-history-'));
    file = join(directory, 'state', 'history');
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('is there again in the next shell', () => {
    const first = open();
    first.add('set k v');
    first.add('get k');
    assert.deepEqual(open().lines, ['set k v', 'get k']);
  });

  it('is readable by its owner alone, file and folder', () => {
    open().add('get k');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(join(directory, 'state')).mode & 0o777, 0o700);
  });

  it('keeps the newest lines only', () => {
    open();
    writeFileSync(
      file,
      Array.from({ length: HISTORY_LINES_MAX + 50 }, (_, index) => `get ${String(index)}\n`).join(''),
    );
    const history = open();
    assert.equal(history.lines.length, HISTORY_LINES_MAX);
    assert.equal(history.lines[0], 'get 50');
    history.add('get last');
    history.close();
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    assert.equal(lines.length, HISTORY_LINES_MAX);
    assert.equal(lines.at(-1), 'get last');
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('keeps the lines of two shells at once', () => {
    const [one, two] = [open(), open()];
    one.add('get 1');
    two.add('get 2');
    one.add('get 3');
    assert.deepEqual(open().lines, ['get 1', 'get 2', 'get 3']);
  });

  it('leaves out lines that begin with a blank, that are empty, or that repeat the last one', () => {
    const history = open();
    assert.equal(history.add(' get secret'), undefined);
    assert.equal(history.add(''), undefined);
    assert.equal(history.add('get k'), 'get k');
    assert.equal(history.add('get k'), undefined);
    assert.deepEqual(history.lines, ['get k']);
  });

  it('goes on in memory, and says so once, when the file cannot be used', () => {
    writeFileSync(join(directory, 'state'), 'a file where the folder should be');
    const history = open();
    history.add('get k');
    assert.deepEqual(history.lines, ['get k']);
    assert.equal(problems.length, 1);
    assert.match(problems[0], /history is not kept/);
  });

  it('never writes a secret', () => {
    open().add('auth acme s3cret');
    assert.doesNotMatch(readFileSync(file, 'utf8'), /s3cret/);
  });
});

describe('redaction', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['auth s3cret', 'auth (redacted)'],
    ['AUTH acme s3cret', 'AUTH (redacted)'],
    ['"auth" s3cret', 'auth (redacted)'],
    ['auth "s3cret', 'auth (redacted)'],
    ['explain auth s3cret', 'explain auth (redacted)'],
    ['hello 3 auth acme s3cret', 'hello 3 (redacted)'],
    ['config set maxmemory 1 requirepass s3cret', 'config set maxmemory 1 requirepass (redacted)'],
    ['CONFIG SET masterauth s3cret', 'CONFIG SET masterauth (redacted)'],
    ['acl setuser bob >s3cret', 'acl (redacted)'],
    ['tenant create acme token s3cret', 'tenant create acme token (redacted)'],
    ['set url redis://acme:s3cret@host:1/0 nx', 'set url redis://acme:(redacted)@host:1/0 nx'],
    ['set "a b" rn_acme_AbCdEfGhIjKlMnOpQrSt', 'set "a b" (redacted)'],
  ];
  for (const [line, kept] of cases) {
    it(`keeps ${kept}`, () => {
      const result = redact(line, commandTable);
      assert.equal(result, kept);
      assert.doesNotMatch(result, /s3cret|AbCdEf/);
    });
  }

  it('leaves other lines as they are, to the byte', () => {
    for (const line of ['set  token  "x y"', 'get auth', 'auth', 'mset password 1 token 2', 'config get requirepass']) {
      assert.equal(redact(line, commandTable), line);
    }
  });
});
