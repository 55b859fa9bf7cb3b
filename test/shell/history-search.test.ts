import assert from 'node:assert/strict';
import { HistorySearch, type SearchStep } from '../../src/shell/history-search.js';

const CTRL_R = '\u0012';
const BACKSPACE = '\u007f';

describe('history search', () => {
  let search: HistorySearch;
  const type = (text: string): SearchStep[] => [...Buffer.from(text)].map((byte) => search.take(byte));

  beforeEach(() => {
    search = new HistorySearch(['get a', 'set k first', 'set k second', 'set k second', 'get é']);
  });

  it('finds the newest line with the text, and none before something is typed', () => {
    assert.equal(search.match, undefined);
    type(CTRL_R);
    assert.equal(search.match, undefined);
    type('set');
    assert.equal(search.match, 'set k second');
    assert.equal(search.prompt, "(reverse-i-search)`set': ");
  });

  it('goes on to an older line that is another one', () => {
    type(`set${CTRL_R}`);
    assert.equal(search.match, 'set k first');
  });

  it('keeps the last line found and says so when there is no other', () => {
    type(`set${CTRL_R}${CTRL_R}`);
    assert.equal(search.match, 'set k first');
    assert.equal(search.prompt, "(failed reverse-i-search)`set': ");
  });

  it('searches from the newest line again when the text is shortened', () => {
    type(`set k f${BACKSPACE}`);
    assert.equal(search.match, 'set k second');
  });

  it('takes characters of several bytes', () => {
    assert.deepEqual(type('é'), ['more', 'more']);
    assert.equal(search.match, 'get é');
    type(BACKSPACE);
    assert.equal(search.prompt, "(reverse-i-search)`': ");
  });

  it('ends on control bytes', () => {
    assert.deepEqual(type('\r\n\t\u001b'), ['take', 'take', 'take', 'take']);
    assert.deepEqual(type('\u0007\u0003'), ['leave', 'clear']);
  });
});
