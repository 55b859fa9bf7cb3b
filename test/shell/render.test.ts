/** Expected texts are the output of redis-cli 7.0.15 (`--no-raw`, and `--raw` for the plain form). */
import assert from 'node:assert/strict';
import { Chalk } from 'chalk';
import type { Reply } from '../../src/resp/reply.js';
import { plainReply } from '../../src/shell/plain.js';
import { renderReply } from '../../src/shell/render.js';
import { bulk } from './fake-client.js';

const chalk = new Chalk({ level: 0 });
const render = (reply: Reply): string => renderReply(reply, { chalk });
const plain = (reply: Reply): string => plainReply(reply).toString('latin1');
const integer = (value: number): Reply => ({ type: 'integer', value });
const array = (...items: Reply[]): Reply => ({ type: 'array', items });
const map = (...entries: (readonly [Reply, Reply])[]): Reply => ({ type: 'map', entries });
const nil: Reply = { type: 'null' };
const nested = array(integer(1), array(integer(2), array(integer(3), bulk('x')), array()), bulk('y'), nil);

describe('reply rendering on a terminal', () => {
  it('shows scalars as redis-cli does', () => {
    assert.equal(render({ type: 'simple', value: 'OK' }), 'OK');
    assert.equal(render(integer(12345)), '(integer) 12345');
    assert.equal(render({ type: 'integer', value: 9223372036854775807n }), '(integer) 9223372036854775807');
    assert.equal(render({ type: 'double', value: 3.141 }), '(double) 3.141');
    assert.equal(render({ type: 'double', value: -Infinity }), '(double) -inf');
    assert.equal(render({ type: 'boolean', value: true }), '(true)');
    assert.equal(render({ type: 'boolean', value: false }), '(false)');
    assert.equal(render(nil), '(nil)');
    assert.equal(render({ type: 'error', value: 'ERR no' }), '(error) ERR no');
  });

  it('quotes bulk strings with escapes', () => {
    const value = Buffer.from('a\\b"c\n\r\t\x07\b\x00\x01\x7f\xff', 'latin1');
    assert.equal(render({ type: 'bulk', value }), String.raw`"a\\b\"c\n\r\t\a\b\x00\x01\x7f\xff"`);
  });

  it('keeps printable UTF-8 readable and escapes what is not text', () => {
    assert.equal(render(bulk('héllo 漢字 🙂')), '"héllo 漢字 🙂"');
    assert.equal(render({ type: 'bulk', value: Buffer.from([0xc3, 0x28, 0xe2, 0x82]) }), String.raw`"\xc3(\xe2\x82"`);
    assert.equal(render(bulk('a\u202eb\u0085')), String.raw`"a\xe2\x80\xaeb\xc2\x85"`);
  });

  it('shows verbatim text and raw replies as they are, without control characters', () => {
    assert.equal(render({ type: 'verbatim', format: 'txt', value: Buffer.from('a\nb') }), 'a\nb');
    const info = { type: 'bulk', value: Buffer.from('# Server\r\nversion:\x1b[2J1\r\n') } as const;
    assert.equal(renderReply(info, { chalk, isRaw: true }), '# Server\nversion:\\x1b[2J1');
    assert.equal(render({ type: 'error', value: "ERR '\x1b[31m'" }), "(error) ERR '\\x1b[31m'");
  });

  it('shows empty aggregates by type', () => {
    assert.equal(render(array()), '(empty array)');
    assert.equal(render(map()), '(empty hash)');
    assert.equal(render({ type: 'set', items: [] }), '(empty set)');
  });

  it('numbers and indents nested arrays', () => {
    assert.equal(
      render(nested),
      [
        '1) (integer) 1',
        '2) 1) (integer) 2',
        '   2) 1) (integer) 3',
        '      2) "x"',
        '   3) (empty array)',
        '3) "y"',
        '4) (nil)',
      ].join('\n'),
    );
  });

  it('aligns the numbers of long lists to the right', () => {
    const lines = render(array(...'abcdefghijk'.split('').map(bulk))).split('\n');
    assert.equal(lines[0], ' 1) "a"');
    assert.equal(lines[10], '11) "k"');
  });

  it('shows sets and maps with their own marks', () => {
    assert.equal(render({ type: 'set', items: [bulk('a')] }), '1~ "a"');
    assert.equal(render(map([bulk('f1'), bulk('v1')], [bulk('f2'), bulk('v2')])), '1# "f1" => "v1"\n2# "f2" => "v2"');
  });

  it('begins a value of several lines below its key, and leaves one of a single line beside it', () => {
    const value = map([bulk('c'), integer(2)], [bulk('d'), map([bulk('e'), integer(4)])]);
    assert.equal(
      render(array(map([bulk('aa'), array()], [bulk('b'), value]))),
      [
        '1) 1# "aa" => (empty array)',
        '   2# "b" => ',
        '      1# "c" => (integer) 2',
        '      2# "d" => 1# "e" => (integer) 4',
      ].join('\n'),
    );
  });

  it('keeps the lines of a text within a map below each other', () => {
    const text: Reply = { type: 'verbatim', format: 'txt', value: Buffer.from('one\ntwo\n') };
    assert.equal(render(map([bulk('n1'), text])), ['1# "n1" => ', '   one', '   two'].join('\n'));
  });

  it('names the node of each item of a split read in a column of its own', () => {
    const reply = array(bulk('漢'), nil, bulk('abcd'));
    assert.equal(
      renderReply(reply, { chalk, itemNodes: ['n1', 'n3', 'n2'] }),
      ['1) "漢"        n1', '2) (nil)       n3', '3) "abcd"      n2'].join('\n'),
    );
  });
});

describe('plain replies', () => {
  it('are bare values, one a line, as redis-cli writes to a pipe', () => {
    assert.equal(plain(nested), '1\n2\n3\nx\n\ny\n\n');
    assert.equal(plain(map([bulk('f1'), bulk('v1')], [bulk('f2'), bulk('v2')])), 'f1 v1\nf2 v2\n');
    assert.equal(plain(nil), '\n');
    assert.equal(plain(array()), '\n');
    assert.equal(plain({ type: 'boolean', value: true }), '(true)\n');
    assert.equal(plain({ type: 'double', value: Infinity }), 'inf\n');
  });

  it('leave binary values untouched', () => {
    assert.deepEqual(
      plainReply({ type: 'bulk', value: Buffer.from([0xff, 0x00, 0x1b]) }),
      Buffer.from([0xff, 0x00, 0x1b, 0x0a]),
    );
  });
});
