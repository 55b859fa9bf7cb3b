import assert from 'node:assert/strict';
import { replyJson, replyText } from '../../src/cli/reply-json.js';
import type { Reply } from '../../src/resp/reply.js';

const bulk = (text: string): Reply => ({ type: 'bulk', value: Buffer.from(text) });

describe('replies as JSON', () => {
  it('scalars become their JSON kin, falsy ones too', () => {
    assert.equal(replyJson({ type: 'null' }), null);
    assert.equal(replyJson({ type: 'integer', value: 0 }), 0);
    assert.equal(replyJson({ type: 'boolean', value: false }), false);
    assert.equal(replyJson(bulk('')), '');
    assert.equal(replyJson({ type: 'simple', value: 'OK' }), 'OK');
  });

  it('bytes that are not UTF-8 are base64, so that nothing is lost', () => {
    assert.deepEqual(replyJson({ type: 'bulk', value: Buffer.from([0xff, 0x00]) }), { base64: '/wA=' });
    assert.equal(replyJson(bulk('grüße')), 'grüße');
  });

  it('integers beyond 2^53 keep their digits as a string', () => {
    assert.equal(replyJson({ type: 'integer', value: 9_223_372_036_854_775_807n }), '9223372036854775807');
    assert.equal(replyJson({ type: 'integer', value: 12n }), 12);
  });

  it('maps become objects, or pairs when a key is not text', () => {
    const one: Reply = { type: 'integer', value: 1 };
    assert.deepEqual(replyJson({ type: 'map', entries: [[bulk('a'), one]] }), { a: 1 });
    const list: Reply = { type: 'array', items: [one] };
    assert.deepEqual(replyJson({ type: 'map', entries: [[list, one]] }), [[[1], 1]]);
  });

  it('an error inside a list is marked as one', () => {
    const items: Reply[] = [{ type: 'error', value: 'ERR no' }, bulk('x')];
    assert.deepEqual(replyJson({ type: 'array', items }), [{ error: 'ERR no' }, 'x']);
  });

  it('a list has no text', () => {
    assert.equal(replyText(bulk('x')), 'x');
    assert.throws(() => replyText({ type: 'array', items: [] }), TypeError);
  });
});
