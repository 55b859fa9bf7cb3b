import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { holdTyping } from '../../src/cli/typed-ahead.js';
import { eventually } from '../support/eventually.js';

class FakeTerminal extends PassThrough {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(isRaw: boolean): void {
    this.isRaw = isRaw;
  }
}

describe('typing while something starts', () => {
  it('is not echoed, and there for the next reader', async () => {
    const terminal = new FakeTerminal();
    const release = holdTyping(terminal, () => undefined);
    assert.equal(terminal.isRaw, true);
    terminal.write('get ');
    terminal.write('k');
    await eventually(() => terminal.readableLength === 0);
    release();
    assert.equal(terminal.isRaw, false);
    assert.equal(String(terminal.read()), 'get k');
  });

  it('is thrown away by Ctrl-C, which is told', async () => {
    const terminal = new FakeTerminal();
    let interrupts = 0;
    const release = holdTyping(terminal, () => interrupts++);
    terminal.write('typed\u0003kept');
    await eventually(() => interrupts === 1);
    release();
    assert.equal(String(terminal.read()), 'kept');
  });
});
