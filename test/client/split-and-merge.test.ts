/** Splitting a command by slot, merging the replies, the cluster's SCAN cursor: all without a server. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mergeNodeReplies, mergePartReplies, type NodeReply } from '../../src/client/merge.js';
import { planCommand } from '../../src/client/plan.js';
import { verdictOf } from '../../src/client/redirection.js';
import { backoffMs, isRepeatable } from '../../src/client/retry.js';
import { nextScanCursor, parseScanCursor } from '../../src/client/scan-cursor.js';
import { drawIndex } from '../../src/client/shard-commands.js';
import { splitBySlot } from '../../src/client/split.js';
import { undescribedNode } from '../../src/client/topology-view.js';
import type { Command } from '../../src/command-table/command.js';
import { commandTable } from '../../src/command-table/index.js';
import type { Reply } from '../../src/resp/reply.js';
import { slotOfKey } from '../../src/topology/slots.js';

function command(...words: string[]): Command {
  const found = commandTable.find(words);
  assert.ok(found !== undefined, words.join(' '));
  return found;
}

const integer = (value: number | bigint): Reply => ({ type: 'integer', value });
const text = (value: string): Reply => ({ type: 'bulk', value: Buffer.from(value) });
const list = (...values: string[]): Reply => ({ type: 'array', items: values.map(text) });
const from = (port: number, reply: Reply): NodeReply => ({
  reply,
  node: { ...undescribedNode({ host: 'h', port }), name: `n${port}` },
});

describe('splitting by slot', () => {
  it('keeps the keys of one slot together and in order', () => {
    const parts = splitBySlot(command('MGET'), ['MGET', '{a}1', 'b', '{a}2', 'b']);
    assert.deepEqual(parts, [
      { slot: slotOfKey('a'), words: ['MGET', '{a}1', '{a}2'], ranks: [0, 2] },
      { slot: slotOfKey('b'), words: ['MGET', 'b', 'b'], ranks: [1, 3] },
    ]);
  });

  it('keeps the value of an MSET with its key', () => {
    const parts = splitBySlot(command('MSET'), ['MSET', 'a', '1', 'b', '2', 'a', '3']);
    assert.deepEqual(
      parts.map(({ words }) => words),
      [
        ['MSET', 'a', '1', 'a', '3'],
        ['MSET', 'b', '2'],
      ],
    );
  });

  it('loses and repeats no key, and a merged MGET is in key order', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 4 }), { minLength: 1, maxLength: 40 }), (keys) => {
        const parts = splitBySlot(command('MGET'), ['MGET', ...keys]);
        const replies = parts.map(({ words, ranks, slot }) => ({
          ...from(slot, list(...(words.slice(1) as string[]))),
          ranks,
        }));
        const merged = mergePartReplies(undefined, replies);
        assert.deepEqual(merged.reply, list(...keys));
        assert.deepEqual(
          merged.itemNodes,
          keys.map((key) => `n${slotOfKey(key)}`),
        );
        assert.equal(new Set(parts.map(({ slot }) => slot)).size, parts.length);
      }),
    );
  });
});

describe('the plan for a command', () => {
  it('sends keys of one slot as one command, whatever its policy', () => {
    assert.deepEqual(planCommand(command('MGET'), ['MGET', '{a}1', '{a}2'], true), {
      kind: 'slot',
      slot: slotOfKey('a'),
    });
  });

  it('refuses keys of several slots where the command cannot be split', () => {
    assert.deepEqual(planCommand(command('RENAME'), ['RENAME', 'a', 'b'], true), { kind: 'crossslot' });
    assert.deepEqual(planCommand(command('RENAME'), ['RENAME', 'a', 'b'], false), { kind: 'any' });
  });

  it('refuses an MSET with a key without value before any part of it runs', () => {
    assert.deepEqual(planCommand(command('MSET'), ['MSET', 'a', '1', 'b'], true), { kind: 'wrong-arity' });
  });

  it('knows the commands over the whole cluster', () => {
    const kinds = ['KEYS', 'DBSIZE', 'FLUSHDB', 'FLUSHALL', 'SCAN', 'RANDOMKEY', 'PING'].map(
      (name) => planCommand(command(name), [name], true).kind,
    );
    assert.deepEqual(kinds, ['all', 'all', 'all', 'all', 'scan', 'random-key', 'any']);
  });

  it('leaves commands that are not in the table to the endpoint', () => {
    assert.deepEqual(planCommand(undefined, ['FOO', 'a'], true), { kind: 'home' });
  });
});

describe('merging', () => {
  it('sums counts beyond the safe integers', () => {
    assert.deepEqual(mergeNodeReplies('agg_sum', [from(1, integer(2)), from(2, integer(3n))]).reply, integer(5));
    const large = 2n ** 53n;
    assert.deepEqual(
      mergeNodeReplies('agg_sum', [from(1, integer(large)), from(2, integer(large))]).reply,
      integer(2n ** 54n),
    );
  });

  it('concatenates lists and names every node that answered', () => {
    const merged = mergeNodeReplies(undefined, [from(1, list('x')), from(2, list()), from(1, list('y', 'z'))]);
    assert.deepEqual(merged, { reply: list('x', 'y', 'z'), nodes: ['n1', 'n2'] });
  });

  it('tells what each node answered where nothing can be added up', () => {
    const merged = mergeNodeReplies('special', [from(1, list('x')), from(2, integer(3))]);
    const entries: [Reply, Reply][] = [
      [text('n1'), list('x')],
      [text('n2'), integer(3)],
    ];
    assert.deepEqual(merged, { reply: { type: 'map', entries }, nodes: ['n1', 'n2'] });
  });

  it('answers with the error of any node, and names it', () => {
    for (const policy of [undefined, 'agg_sum', 'all_succeeded'] as const) {
      const merged = mergeNodeReplies(policy, [from(1, integer(1)), from(2, { type: 'error', value: 'OOM no' })]);
      assert.deepEqual(merged, { reply: { type: 'error', value: 'OOM no (from node n2)' }, nodes: ['n2'] });
    }
  });

  it('needs but one success where the policy says so', () => {
    const error: Reply = { type: 'error', value: 'NOTBUSY' };
    assert.deepEqual(mergeNodeReplies('one_succeeded', [from(1, error), from(2, text('x'))]).reply, text('x'));
    assert.deepEqual(mergeNodeReplies('one_succeeded', [from(1, error), from(1, error)]).reply, error);
  });

  it('refuses replies of another shape', () => {
    assert.throws(() => mergeNodeReplies('agg_sum', [from(1, list())]), { code: 'UNEXPECTED_REPLY' });
    assert.throws(() => mergePartReplies(undefined, [{ ...from(1, list('x')), ranks: [0, 1] }]), {
      code: 'UNEXPECTED_REPLY',
    });
  });
});

describe('the cursor of a cluster-wide SCAN', () => {
  it('comes back to where it was, for any 64-bit cursor of a node', () => {
    const shards = fc.integer({ min: 1, max: 16384 });
    fc.assert(
      fc.property(shards, fc.nat(), fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), (shardCount, seed, own) => {
        const shardIndex = seed % shardCount;
        const cursor = nextScanCursor(shardIndex, own.toString(), shardCount);
        assert.notEqual(cursor, '0');
        assert.deepEqual(parseScanCursor(cursor, shardCount), { shardIndex, nodeCursor: own.toString() });
      }),
    );
  });

  it('goes to the next shard when one is done, and is 0 after the last', () => {
    assert.deepEqual(parseScanCursor(nextScanCursor(0, '0', 3), 3), { shardIndex: 1, nodeCursor: '0' });
    assert.equal(nextScanCursor(2, '0', 3), '0');
    assert.deepEqual(parseScanCursor('0', 3), { shardIndex: 0, nodeCursor: '0' });
  });

  it('is refused when it is none, or of a cluster with more shards', () => {
    for (const cursor of ['', 'x', '-1', '1.5', '3']) assert.equal(parseScanCursor(cursor, 3), undefined);
  });
});

describe('the draw of a shard', () => {
  it('is by the number of keys, and never an empty shard', () => {
    assert.deepEqual(
      [0, 0.24, 0.25, 0.99].map((fraction) => drawIndex([0, 1, 0, 3], fraction)),
      [1, 1, 3, 3],
    );
    assert.equal(drawIndex([0, 0], 0.5), undefined);
  });
});

describe('an error reply', () => {
  const asked = { host: 'h', port: 1 };
  const verdict = (value: string) => verdictOf({ type: 'error', value }, asked);

  it('redirects, to the node that was asked where it names no host', () => {
    assert.deepEqual(verdict('MOVED 3999 10.0.0.2:6381'), {
      kind: 'moved',
      slot: 3999,
      address: { host: '10.0.0.2', port: 6381 },
    });
    assert.deepEqual(verdict('ASK 1 :6381'), { kind: 'ask', address: { host: 'h', port: 6381 } });
    assert.deepEqual(verdict('MOVED 1 ::1:6381'), { kind: 'moved', slot: 1, address: { host: '::1', port: 6381 } });
  });

  it('asks for patience, or is the answer', () => {
    assert.equal(verdict('TRYAGAIN Multiple keys request during rehashing of slot').kind, 'later');
    assert.deepEqual(verdict('CLUSTERDOWN The cluster is down'), { kind: 'later', topologyIsSuspect: true });
    assert.equal(verdict('LOADING Redis is loading the dataset in memory').kind, 'later');
    for (const value of ['ERR no', 'MOVED 16384 h:1', 'MOVEDX 1 h:1', 'LOADINGS'])
      assert.equal(verdict(value).kind, 'final');
  });
});

describe('repeating', () => {
  it('is for commands of which a second run does not show', () => {
    for (const words of [['GET'], ['MGET'], ['KEYS'], ['PING'], ['INFO'], ['TENANT', 'LIST']]) {
      assert.equal(isRepeatable(command(...words)), true, words.join(' '));
    }
    for (const words of [['SET'], ['INCR'], ['DEL'], ['PUBLISH'], ['AUTH'], ['TENANT', 'CREATE'], ['SHUTDOWN']]) {
      assert.equal(isRepeatable(command(...words)), false, words.join(' '));
    }
    assert.equal(isRepeatable(undefined), false);
  });

  it('waits longer each time, up to a bound', () => {
    const waits = [1, 2, 3, 10, 5_000].map(backoffMs);
    assert.deepEqual(waits, [10, 20, 40, 200, 200]);
  });
});
