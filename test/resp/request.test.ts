import assert from 'node:assert/strict';
import { encodeCommand } from '../../src/resp/encode.js';
import { RequestDecoder } from '../../src/resp/request-decoder.js';
import type { Request } from '../../src/resp/request.js';

function request(...words: string[]): Request {
  const decoder = new RequestDecoder();
  decoder.feed(encodeCommand(words));
  decoder.next();
  return decoder.request;
}

describe('Request', () => {
  it('compares an argument with a word in any case of letters', () => {
    const view = request('sEt', 'key', 'v', 'k{y');
    assert.equal(view.is(0, 'SET'), true);
    assert.equal(view.is(0, 'SETX'), false);
    assert.equal(view.is(0, 'GET'), false);
    assert.equal(view.is(3, 'K[Y'), false);
  });

  it('copies arguments, which outlive their buffer', () => {
    const view = request('ECHO', 'hello');
    const copies = view.copyArguments();
    const one = view.bytes(1);
    view.buffer.fill(0);
    assert.deepEqual(copies.map(String), ['ECHO', 'hello']);
    assert.equal(one.toString(), 'hello');
  });

  it('keeps its arguments when room for more is made', () => {
    const view = request('ECHO', 'hello');
    view.reserve(1000);
    assert.ok(view.offsets.length >= 1000);
    assert.equal(view.text(1), 'hello');
  });

  it('gives its memory back when it shrinks', () => {
    const view = request('PING');
    view.reserve(100_000);
    view.shrink();
    assert.equal(view.argc, 0);
    assert.ok(view.offsets.length < 100);
  });
});
