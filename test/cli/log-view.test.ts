import assert from 'node:assert/strict';
import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { followLogs, mergeByTime, prettyLogLine, tailLines } from '../../src/cli/log-view.js';
import { createTheme } from '../../src/cli/theme.js';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';

const plain = createTheme({ isTTY: false }, {});

describe('a line of a log', () => {
  it('of JSON becomes time, level, message and the other fields', () => {
    const line = '{"level":40,"time":1700000000000,"pid":1,"msg":"slow","ms":263.554,"peer":"n2"}';
    assert.match(prettyLogLine(line, plain), /^\d\d:\d\d:\d\d warn {2}slow {2}ms=263\.6 peer=n2$/);
  });

  it('that is not JSON is shown as it is', () => {
    for (const line of ['Segmentation fault', '{ not json', '']) assert.equal(prettyLogLine(line, plain), line);
  });
});

describe('logs on disk', () => {
  let folder: TemporaryFolder;
  let file: string;

  before(async () => {
    folder = await temporaryFolder('logs');
    file = path.join(folder.path, 'n1.log');
  });

  after(() => folder.remove());

  it('the tail is the last complete lines, and what follows begins behind them', async () => {
    await writeFile(file, 'one\ntwo\nthree\nhalf');
    const { lines, endOffset } = await tailLines({ node: 'n1', file }, 2);
    assert.deepEqual(lines, [
      { node: 'n1', text: 'two' },
      { node: 'n1', text: 'three' },
    ]);
    assert.equal(endOffset, Buffer.byteLength('one\ntwo\nthree\n'));
  });

  it('a log that is not there yet is empty', async () => {
    const { lines, endOffset } = await tailLines({ node: 'n9', file: path.join(folder.path, 'n9.log') }, 5);
    assert.deepEqual({ lines, endOffset }, { lines: [], endOffset: 0 });
  });

  it('lines of several nodes are merged by their time', () => {
    const at = (node: string, time: number): { node: string; text: string } => ({ node, text: `{"time":${time}}` });
    const merged = mergeByTime([[at('n1', 1), { node: 'n1', text: 'no time' }, at('n1', 5)], [at('n2', 3)]]);
    assert.deepEqual(
      merged.map(({ node, text }) => `${node} ${text}`),
      ['n1 {"time":1}', 'n1 no time', 'n2 {"time":3}', 'n1 {"time":5}'],
    );
  });

  it('following yields what is appended, a line once it is complete', async () => {
    await writeFile(file, 'old\n');
    const stop = new AbortController();
    const followed = followLogs([{ node: 'n1', file }], new Map([[file, 4]]), stop.signal);
    await appendFile(file, 'new li');
    const next = followed.next();
    await appendFile(file, 'ne\n');
    assert.deepEqual((await next).value, { node: 'n1', text: 'new line' });
    stop.abort();
    assert.equal((await followed.next()).done, true);
  });
});
