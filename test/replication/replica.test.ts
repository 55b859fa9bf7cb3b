import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { ManualClock } from '../../src/clock.js';
import type { LinkState } from '../../src/replication/replica.js';
import { encodeCommand } from '../../src/resp/encode.js';
import { eventually } from '../support/eventually.js';
import { memoryPair, socketPair } from './duplex-pairs.js';
import { TestNode, untilEven, untilInSync, type TestNodeOptions } from './test-node.js';

const nodes: TestNode[] = [];

function node(role: 'master' | 'replica', options: TestNodeOptions = {}): TestNode {
  const made = new TestNode(role, options);
  nodes.push(made);
  return made;
}

function fill(master: TestNode, count: number, prefix = 'key'): void {
  for (let index = 0; index < count; index++)
    master.write(0, 'SET', `${prefix}:${String(index)}`, `value ${String(index)}`);
}

const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Links a replica to a master over sockets and waits until it is in sync. */
async function linkOverSockets(master: TestNode, replica: TestNode): Promise<ReturnType<TestNode['follow']>> {
  const [near, far] = await socketPair();
  master.feed(near);
  const link = replica.follow(far);
  await untilInSync(link);
  return link;
}

function assertSame(replica: TestNode, master: TestNode): void {
  assert.deepEqual(replica.state(), master.state());
  assert.equal(replica.log.endOffset, master.log.endOffset);
}

afterEach(() => {
  for (const made of nodes.splice(0)) made.close();
});

describe('replication', () => {
  for (const [kind, makePair] of [
    ['memory', () => Promise.resolve(memoryPair({ pieceBytes: () => 7 }))],
    ['sockets', socketPair],
  ] as const) {
    it(`copies what is there and what comes later, over ${kind}`, async () => {
      const [near, far] = await makePair();
      const master = node('master');
      const replica = node('replica');
      master.tenants.set(7, 'acme');
      master.write(0, 'SET', 'plain', 'value');
      master.write(7, 'SET', 'of another database', 'x'.repeat(100_000), 'PXAT', '4102444800000');
      replica.write(0, 'SET', 'stale', 'must go');
      const states: LinkState[] = [];
      const tenants = new Map<number, string>();
      const feed = master.feed(near);
      const link = replica.follow(far, {
        onStateChange: ({ state }) => states.push(state),
        onTenants: (named) => {
          for (const [database, name] of named) tenants.set(database, name);
        },
      });
      await untilInSync(link);
      assertSame(replica, master);
      assert.equal(link.lastSync?.kind, 'full');
      master.write(7, 'SET', 'later', '1');
      master.write(0, 'DEL', 'plain');
      await untilEven(master, replica);
      assertSame(replica, master);
      assert.deepEqual([...tenants], [[7, 'acme']]);
      assert.deepEqual(states, ['syncing', 'in-sync']);
      await eventually(() => feed.isInSync && feed.ackOffset === master.log.endOffset);
    });
  }

  it('gives the replica the state of one moment while writes go on', async () => {
    const master = node('master');
    const replica = node('replica');
    fill(master, 5_000);
    const [near, far] = await socketPair();
    master.feed(near);
    const link = replica.follow(far);
    for (let round = 0; !link.isInSync; round++) {
      assert.equal(link.lostReason, undefined);
      for (let index = 0; index < 20; index++) {
        master.write(
          round % 3,
          'SET',
          `key:${String((round * 7919 + index * 104_729) % 5_000)}`,
          `round ${String(round)}`,
        );
        master.write(0, 'DEL', `key:${String((round * 31 + index * 37) % 5_000)}`);
      }
      await nextTurn();
    }
    await untilEven(master, replica);
    assertSame(replica, master);
  });

  it('goes on with a partial sync after a lost link', async () => {
    const master = node('master');
    const replica = node('replica');
    fill(master, 100);
    const first = await linkOverSockets(master, replica);
    master.write(3, 'SET', 'a', '1');
    await untilEven(master, replica);
    first.close();
    assert.equal(first.state, 'lost');
    const before = master.log.endOffset;
    master.write(3, 'SET', 'b', '2');
    fill(master, 100, 'more');
    const second = await linkOverSockets(master, replica);
    assert.equal(second.lastSync?.kind, 'partial');
    assert.equal(second.lastSync.bytes, master.log.endOffset - before);
    assertSame(replica, master);
  });

  it('falls back to a full sync when the backlog no longer reaches back', async () => {
    const master = node('master', { log: { backlogBytes: 1024, chunkBytes: 256 } });
    const replica = node('replica');
    const first = await linkOverSockets(master, replica);
    first.close();
    await eventually(() => master.master.feeds.size === 0);
    fill(master, 1000);
    const second = await linkOverSockets(master, replica);
    assert.equal(second.lastSync?.kind, 'full');
    assertSame(replica, master);
  });

  it('serves two replicas that ask for a full sync at once', async () => {
    const master = node('master');
    fill(master, 5_000);
    const replicas = [node('replica'), node('replica')];
    await Promise.all(replicas.map((replica) => linkOverSockets(master, replica)));
    master.write(0, 'SET', 'later', '1');
    for (const replica of replicas) {
      await untilEven(master, replica);
      assertSame(replica, master);
    }
  });

  it('lets the next replica have its snapshot when the one before it goes away half-way', async () => {
    const master = node('master');
    // More than the buffers of a socket take, so that the transfer cannot end unread.
    master.write(0, 'SET', 'large', Buffer.alloc(32 * 1024 * 1024));
    const [stuck, unread] = await socketPair();
    const feed = master.feed(stuck);
    unread.write(encodeCommand(['PSYNC', '?', '-1']));
    await eventually(() => feed.state === 'sending');
    const second = linkOverSockets(master, node('replica'));
    unread.destroy();
    assert.equal((await second).lastSync?.kind, 'full');
    assert.equal(feed.state, 'closed');
  });

  it('serves a partial sync to a sibling after a promotion', async () => {
    const master = node('master');
    const [heir, sibling] = [node('replica'), node('replica')];
    fill(master, 100);
    const heirLink = await linkOverSockets(master, heir);
    const siblingLink = await linkOverSockets(master, sibling);
    master.write(5, 'SET', 'a', '1');
    await untilEven(master, heir);
    await untilEven(master, sibling);
    siblingLink.close();
    master.write(5, 'SET', 'b', '2');
    await untilEven(master, heir);
    master.close();
    await heirLink.drain();
    heirLink.close();
    heir.store.isMaster = true;
    heir.log.startNewHistory();
    heir.write(5, 'SET', 'c', '3');
    const link = await linkOverSockets(heir, sibling);
    assert.equal(link.lastSync?.kind, 'partial');
    assertSame(sibling, heir);
    assert.equal(sibling.log.replicationId, heir.log.replicationId);
    // What the old master wrote after the promotion is another history.
    master.write(0, 'SET', 'lost', 'x'.repeat(1000));
    master.store.isMaster = false;
    const demoted = await linkOverSockets(heir, master);
    assert.equal(demoted.lastSync?.kind, 'full');
    assertSame(master, heir);
  });

  it('applies everything that the socket still holds before a promotion', async () => {
    const master = node('master');
    const replica = node('replica');
    const link = await linkOverSockets(master, replica);
    fill(master, 5_000);
    const end = master.log.endOffset;
    await eventually(() => [...master.master.feeds].every((feed) => feed.neededFrom === end));
    await link.drain();
    assert.equal(replica.log.endOffset, end);
  });

  it('drains at once when the link is lost already', async () => {
    const replica = node('replica');
    const [, far] = memoryPair();
    const link = replica.follow(far);
    link.close();
    await link.drain();
  });

  it('loses a replica that reads nothing once it is too far behind, and keeps the log bounded', async () => {
    const master = node('master', { log: { backlogBytes: 1024, chunkBytes: 1024, maxPinnedBytes: 64 * 1024 } });
    const [near, far] = memoryPair();
    const feed = master.feed(near);
    far.write(encodeCommand(['PSYNC', '?', '-1']));
    await eventually(() => feed.state !== 'handshake' && feed.state !== 'queued');
    fill(master, 5_000);
    assert.equal(feed.state, 'closed');
    assert.equal(feed.closeReason, 'the replica fell too far behind');
    assert.ok(master.log.endOffset - master.log.startOffset < 70 * 1024);
  });

  it('asks for a full sync after a snapshot that was cut off', async () => {
    const master = node('master');
    const replica = node('replica');
    fill(master, 5_000);
    (await linkOverSockets(master, replica)).close();
    // Another history, so that the next link starts over; it is cut while the snapshot is under way.
    const other = node('master');
    fill(other, 5_000, 'other');
    const [near, far] = memoryPair({ pieceBytes: () => 1000 });
    other.feed(near);
    const cut = replica.follow(far);
    await eventually(() => replica.store.keyspace(0).size > 0 && !replica.log.isActive);
    cut.close();
    assert.equal(replica.log.isActive, false);
    const again = await linkOverSockets(other, replica);
    assert.equal(again.lastSync?.kind, 'full');
    assertSame(replica, other);
  });

  it('takes a stream that cannot be applied for the end of the link, and starts over', async () => {
    const master = node('master');
    const replica = node('replica');
    const link = await linkOverSockets(master, replica);
    master.log.appendCommand(['NONSENSE']);
    await eventually(() => link.state === 'lost');
    assert.match(link.lostReason ?? '', /unknown command NONSENSE/);
    assert.equal((await linkOverSockets(master, replica)).lastSync?.kind, 'full');
  });

  it('gives a silent master up after the time limit, and a silent replica too', async () => {
    const timings = { timeoutMs: 5_000, heartbeatMs: 5 };
    const clock = new ManualClock();
    const replica = node('replica', { timings, clock });
    const [, silentMaster] = memoryPair();
    const link = replica.follow(silentMaster);
    const master = node('master', { timings, clock });
    const [silentReplica] = memoryPair();
    const feed = master.feed(silentReplica);
    clock.advance(5_001);
    await eventually(() => link.state === 'lost' && feed.state === 'closed');
    assert.equal(link.lostReason, 'nothing received for 5000 ms');
    assert.equal(feed.closeReason, 'nothing received for 5000 ms');
  });

  it('keeps an idle link alive with PING in the log', async () => {
    const options = { timings: { heartbeatMs: 5, pingMs: 20 } };
    const master = node('master', options);
    const replica = node('replica', options);
    await linkOverSockets(master, replica);
    await eventually(() => master.log.endOffset >= 3 * encodeCommand(['PING']).length);
    await eventually(() => replica.log.endOffset >= 3 * encodeCommand(['PING']).length);
  });

  it('tells of a link that the master refuses, in its words', async () => {
    const replica = node('replica');
    const [near, far] = await socketPair();
    const link = replica.follow(far);
    await once(near, 'data');
    near.write("+OK\r\n-NOMASTERLINK Can't SYNC while not connected with my master\r\n");
    await eventually(() => link.state === 'lost');
    assert.match(link.lostReason ?? '', /NOMASTERLINK/);
  });

  it('is refused by a node that is a replica itself', async () => {
    const [near, far] = await socketPair();
    node('replica').feed(near);
    const link = node('replica').follow(far);
    await eventually(() => link.state === 'lost');
    assert.match(link.lostReason ?? '', /this node is a replica itself/);
  });

  it('keeps the database of the stream over a change of roles in both directions', async () => {
    const old = node('master');
    const heir = node('replica');
    (await linkOverSockets(old, heir)).close();
    old.write(3, 'SET', 'a', '1');
    (await linkOverSockets(old, heir)).close();
    // A full sync of a third makes the old master repeat its SELECT, which it has no more occasion to do.
    (await linkOverSockets(old, node('replica'))).close();
    old.store.isMaster = false;
    heir.store.isMaster = true;
    heir.log.startNewHistory();
    const link = await linkOverSockets(heir, old);
    assert.equal(link.lastSync?.kind, 'partial');
    heir.write(3, 'SET', 'b', '2');
    await untilEven(heir, old);
    assertSame(old, heir);
  });

  it('closes the link of a peer that speaks no replication', async () => {
    const master = node('master');
    const [near, far] = await socketPair();
    const feed = master.feed(near);
    far.write(encodeCommand(['GET', 'secret']));
    await eventually(() => feed.state === 'closed');
    assert.match(feed.closeReason, /unexpected command 'GET'/);
    far.destroy();
  });

  it('ends equal, however often and wherever the link is cut', async () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ kind: fc.constant('set' as const), key: fc.nat(40), value: fc.nat(3_000) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), key: fc.nat(40) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const), key: fc.nat(40) }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('turns' as const), count: fc.nat(12) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 80 }),
        fc.integer({ min: 1, max: 700 }),
        async (steps, pieceBytes) => {
          const master = node('master', { log: { backlogBytes: 2048, chunkBytes: 512 } });
          const replica = node('replica', { log: { backlogBytes: 2048, chunkBytes: 512 } });
          fill(master, 50);
          const connect = (): ReturnType<TestNode['follow']> => {
            const [near, far] = memoryPair({ pieceBytes: () => pieceBytes, highWaterMark: 1024 });
            master.feed(near);
            return replica.follow(far);
          };
          let link = connect();
          for (const taken of steps) {
            if (taken.kind === 'set') {
              master.write(taken.key % 3, 'SET', `key:${String(taken.key)}`, 'v'.repeat(taken.value));
            } else if (taken.kind === 'delete') {
              master.write(taken.key % 3, 'DEL', `key:${String(taken.key)}`);
            } else if (taken.kind === 'flush') {
              master.write(taken.key % 3, 'FLUSHDB');
            } else if (taken.kind === 'turns') {
              for (let turn = 0; turn < taken.count; turn++) await nextTurn();
            } else {
              link.close();
              link = connect();
            }
          }
          if (link.state === 'lost') link = connect();
          await untilInSync(link);
          await untilEven(master, replica);
          assertSame(replica, master);
          assert.equal(replica.log.replicationId, master.log.replicationId);
          master.close();
        },
      ),
      { numRuns: 40 },
    );
  }).timeout(30_000);
});

describe('acknowledgements of a replica', () => {
  const FULL_READ_BYTES = 64 * 1024;
  const HISTORY = 'a'.repeat(40);

  /** A replica that follows a master which is played by the test: `arrives` is what comes from it, `sent` what goes to it. */
  async function played(): Promise<{
    replica: TestNode;
    link: ReturnType<TestNode['follow']>;
    clock: ManualClock;
    sent: () => string;
    arrives: (bytes: string | Buffer) => Promise<void>;
  }> {
    const written: Buffer[] = [];
    const duplex = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        written.push(chunk);
        done();
      },
    });
    const clock = new ManualClock();
    const replica = node('replica', { clock });
    replica.log.resetTo(HISTORY, 0);
    const link = replica.follow(duplex);
    const arrives = async (bytes: string | Buffer): Promise<void> => {
      duplex.push(bytes);
      await nextTurn();
    };
    await arrives('+OK\r\n');
    await arrives(`+CONTINUE ${HISTORY}\r\n+SYNC 0\r\n`);
    await untilInSync(link);
    written.length = 0;
    return { replica, link, clock, arrives, sent: () => written.splice(0).join('') };
  }

  /** A command of exactly so many bytes. */
  function commandOf(sizeBytes: number): Buffer {
    const overhead = encodeCommand(['SET', 'k', Buffer.alloc(sizeBytes - 100)]).length - (sizeBytes - 100);
    return encodeCommand(['SET', 'k', Buffer.alloc(sizeBytes - overhead)]);
  }

  it('wait until the socket has been read: one to a dead master would cost what it still holds', async () => {
    const { replica, clock, arrives, sent } = await played();
    for (let round = 1; round <= 3; round++) {
      await arrives(commandOf(FULL_READ_BYTES));
      await eventually(() => replica.log.endOffset === round * FULL_READ_BYTES);
      assert.equal(sent(), '');
    }
    await arrives(commandOf(1000));
    const end = String(3 * FULL_READ_BYTES + 1000);
    await eventually(() => {
      assert.equal(sent(), encodeCommand(['REPLCONF', 'ACK', end]).toString());
    });
    await arrives(commandOf(FULL_READ_BYTES));
    clock.advance(1_000);
    await arrives(commandOf(FULL_READ_BYTES));
    await eventually(() => sent().includes('ACK'));
  });

  it('end when the replica is about to be promoted', async () => {
    const { replica, link, arrives, sent } = await played();
    const drained = link.drain();
    await arrives(commandOf(1000));
    await drained;
    assert.equal(replica.log.endOffset, 1000);
    assert.equal(sent(), '');
  });
});
