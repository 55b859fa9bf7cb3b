/** The routing client against scripted nodes: redirections, lost nodes, time limits, tenants. */
import assert from 'node:assert/strict';
import { RoutingClient } from '../../src/client/routing-client.js';
import type { ClientOptions, CommandWords } from '../../src/client/types.js';
import { slotOfKey } from '../../src/topology/slots.js';
import { eventually } from '../support/eventually.js';
import {
  array,
  bulk,
  FakeServer,
  highKey,
  integer,
  lowKey,
  NULL,
  OK,
  push,
  shardsReply,
  startFakePair,
} from './fake-server.js';

describe('the routing client', () => {
  let first: FakeServer;
  let second: FakeServer;
  let others: { stop?(): Promise<void>; close?(): Promise<void> }[];
  let notices: string[];

  beforeEach(async () => {
    [first, second] = await startFakePair();
    others = [];
    notices = [];
  });

  afterEach(async () => {
    for (const other of others) await (other.close?.() ?? other.stop?.());
    await Promise.all([first.stop(), second.stop()]);
  });

  async function connect(more: Partial<ClientOptions> = {}): Promise<RoutingClient> {
    const client = await RoutingClient.connect({
      endpoint: { host: first.host, port: first.port },
      connectTimeoutMs: 5_000,
      commandTimeoutMs: 5_000,
      onNotice: (message) => notices.push(message),
      ...more,
    });
    others.push(client);
    return client;
  }

  async function startThird(): Promise<FakeServer> {
    const server = await FakeServer.start();
    others.push(server);
    return server;
  }

  const reply = async (client: RoutingClient, ...words: string[]) => (await client.execute(words)).reply;
  const address = (server: FakeServer): string => `${server.host}:${server.port}`;
  /** A topology in which `heir` has the slots of the second node. */
  const afterFailover = (heir: FakeServer): string =>
    shardsReply([
      { name: 'n1', port: first.port, slots: [0, 8191] },
      { name: 'n3', port: heir.port, slots: [8192, 16383] },
    ]);

  it('sends each key to the node that owns its slot, without a redirection', async () => {
    first.on('GET', bulk('from n1'));
    second.on('GET', bulk('from n2'));
    const client = await connect();
    assert.deepEqual((await client.execute(['GET', lowKey])).nodes, ['n1']);
    assert.deepEqual((await client.execute(['GET', highKey])).nodes, ['n2']);
    assert.equal(client.nodeFor(highKey)?.name, 'n2');
    assert.equal(client.stats.moved, 0);
  });

  it('follows MOVED, remembers the slot and reads the topology again', async () => {
    const slot = slotOfKey(lowKey);
    first.on('GET', `-MOVED ${slot} ${address(second)}\r\n`);
    second.on('GET', bulk('here'));
    const client = await connect();
    second.on('CLUSTER', shardsReply([{ name: 'n2', port: second.port, slots: [0, 16383] }]));
    const routed = await client.execute(['GET', lowKey]);
    assert.deepEqual(routed.nodes, ['n2']);
    await eventually(() => client.stats.topologyRefreshes === 1);
    await client.execute(['GET', lowKey]);
    assert.equal(first.named('GET').length, 1);
    assert.equal(client.stats.moved, 1);
  });

  it('follows ASK once, behind ASKING on the same connection, and keeps the slot where it was', async () => {
    first.on('GET', `-ASK ${slotOfKey(lowKey)} ${address(second)}\r\n`);
    second.on('ASKING', OK).on('GET', bulk('moving'));
    const client = await connect();
    await client.execute(['GET', lowKey]);
    assert.deepEqual(second.requests.slice(-2), [['ASKING'], ['GET', lowKey]]);
    assert.equal(client.nodeFor(lowKey)?.name, 'n1');
    assert.equal(client.stats.ask, 1);
  });

  it('gives up after 16 redirections', async () => {
    const slot = slotOfKey(lowKey);
    first.on('GET', `-ASK ${slot} ${address(second)}\r\n`);
    second.on('ASKING', OK).on('GET', `-ASK ${slot} ${address(first)}\r\n`);
    first.on('ASKING', OK);
    const client = await connect();
    await assert.rejects(client.execute(['GET', lowKey]), { code: 'TOO_MANY_REDIRECTIONS' });
    assert.equal(first.named('GET').length + second.named('GET').length, 17);
  });

  it('waits out TRYAGAIN, CLUSTERDOWN and LOADING, for a write too', async () => {
    const refusals = ['-TRYAGAIN later\r\n', '-CLUSTERDOWN Hash slot not served\r\n', '-LOADING the dataset\r\n'];
    first.on('SET', () => refusals.shift() ?? OK);
    const client = await connect();
    assert.deepEqual(await reply(client, 'SET', lowKey, 'v'), { type: 'simple', value: 'OK' });
    assert.equal(client.stats.retries, 3);
  });

  it("answers with the server's refusal when the time limit has passed", async () => {
    first.on('SET', '-CLUSTERDOWN Hash slot not served\r\n');
    const client = await connect({ commandTimeoutMs: 100 });
    const answer = await reply(client, 'SET', lowKey, 'v');
    assert.deepEqual(answer, { type: 'error', value: 'CLUSTERDOWN Hash slot not served' });
  });

  describe('when a node is lost mid-way', () => {
    it('repeats a read on the node that took over, and says so', async () => {
      const heir = await startThird();
      heir.on('GET', bulk('saved')).on('CLUSTER', afterFailover(heir));
      const client = await connect();
      second.on('GET', () => {
        first.on('CLUSTER', afterFailover(heir));
        return 'hang-up';
      });
      const routed = await client.execute(['GET', highKey]);
      assert.deepEqual(routed.nodes, ['n3']);
      assert.ok(client.stats.topologyRefreshes >= 1);
      assert.ok(
        notices.some((notice) => notice.startsWith('n2: connection to ')),
        notices.join('\n'),
      );
    });

    it('does not repeat a write, and says that its outcome is unknown', async () => {
      second.on('INCR', 'hang-up');
      const client = await connect();
      await assert.rejects(client.execute(['INCR', highKey]), { code: 'OUTCOME_UNKNOWN', exitCode: 3 });
      assert.equal(second.named('INCR').length, 1);
    });

    it('sends a write that was not on its way yet to the new master', async () => {
      const heir = await startThird();
      heir.on('SET', OK).on('CLUSTER', afterFailover(heir));
      second.on('GET', NULL);
      const client = await connect();
      await client.execute(['GET', highKey]);
      await second.stop();
      // Only now does the client know that the connection is gone: before that, the write might have been on its way.
      await eventually(() => notices.length > 0);
      const written = client.execute(['SET', highKey, 'v']);
      await Promise.all([
        written,
        eventually(() => client.stats.retries > 0).then(() => first.on('CLUSTER', afterFailover(heir))),
      ]);
      assert.deepEqual((await written).nodes, ['n3']);
      assert.equal(heir.named('SET').length, 1);
    });

    it('gives up within the time limit when nobody takes over', async () => {
      const client = await connect({ commandTimeoutMs: 200 });
      await second.stop();
      await assert.rejects(client.execute(['SET', highKey, 'v']), { code: 'NO_MASTER', exitCode: 5 });
    });

    it('says soon that the whole cluster is gone', async () => {
      const client = await connect({ commandTimeoutMs: 60_000 });
      await Promise.all([first.stop(), second.stop()]);
      await assert.rejects(client.execute(['GET', lowKey]), { code: 'CLUSTER_UNREACHABLE', exitCode: 3 });
    });

    it('sends a command without keys to another master', async () => {
      second.on('PING', '+PONG\r\n');
      const client = await connect();
      await first.stop();
      await eventually(() => notices.length > 0);
      assert.deepEqual((await client.execute(['PING'])).nodes, ['n2']);
    });
  });

  it('reconnects to a node that came back, and counts it', async () => {
    first.on('GET', NULL);
    const client = await connect();
    first.breakConnections();
    await eventually(() => notices.length > 0);
    await client.execute(['GET', lowKey]);
    assert.equal(client.stats.reconnects, 1);
  });

  it('reports a reply that does not come in time', async () => {
    first.on('GET', 'silence');
    const client = await connect({ commandTimeoutMs: 50 });
    await assert.rejects(client.execute(['GET', lowKey]), { code: 'COMMAND_TIMEOUT', exitCode: 5 });
  });

  describe('splits and merges', () => {
    const values = ([, ...keys]: readonly string[]): string => array(...keys.map((key) => bulk(`v${key}`)));

    it('an MGET over two nodes, and tells which node answered each item', async () => {
      first.on('MGET', values);
      second.on('MGET', values);
      const client = await connect();
      const routed = await client.execute(['MGET', highKey, lowKey, highKey]);
      assert.deepEqual(routed.reply, {
        type: 'array',
        items: [highKey, lowKey, highKey].map((key) => ({ type: 'bulk', value: Buffer.from(`v${key}`) })),
      });
      assert.deepEqual(routed.itemNodes, ['n2', 'n1', 'n2']);
      assert.equal(client.stats.split, 1);
    });

    it('follows a redirection of one part alone', async () => {
      first.on('DEL', `-MOVED ${slotOfKey(lowKey)} ${address(second)}\r\n`);
      second.on('DEL', integer(1));
      const client = await connect();
      assert.deepEqual(await reply(client, 'DEL', lowKey, highKey), { type: 'integer', value: 2 });
      assert.equal(second.named('DEL').length, 2);
    });

    it('a FLUSHALL that fails on one node, as an error that names it', async () => {
      first.on('FLUSHALL', OK);
      second.on('FLUSHALL', '-NOPERM no\r\n');
      const client = await connect();
      const routed = await client.execute(['FLUSHALL']);
      assert.deepEqual(routed.reply, { type: 'error', value: 'NOPERM no (from node n2)' });
      assert.deepEqual(routed.nodes, ['n2']);
    });

    it('refuses keys of several slots for other commands without sending anything', async () => {
      const client = await connect();
      const before = first.requests.length + second.requests.length;
      assert.deepEqual(await reply(client, 'RENAME', lowKey, highKey), {
        type: 'error',
        value: "CROSSSLOT Keys in request don't hash to the same slot",
      });
      assert.equal(first.requests.length + second.requests.length, before);
    });

    it('draws a random key of a shard that has one', async () => {
      first.on('DBSIZE', integer(0));
      second.on('DBSIZE', integer(3)).on('RANDOMKEY', bulk('k'));
      const client = await connect();
      assert.deepEqual((await client.execute(['RANDOMKEY'])).nodes, ['n2']);
    });
  });

  it('explains where a command would go', async () => {
    const client = await connect();
    const routing = (...words: string[]) => {
      const { routing: kind, targets } = client.explain(words);
      return [kind, ...targets];
    };
    assert.deepEqual(routing('GET', highKey), ['single', 'n2']);
    assert.deepEqual(routing('MGET', highKey, lowKey), ['split', 'n2', 'n1']);
    assert.deepEqual(routing('RENAME', highKey, lowKey), ['crossslot']);
    assert.deepEqual(routing('KEYS', '*'), ['all', 'n1', 'n2']);
    assert.deepEqual(routing('PING'), ['any', 'n1']);
    const [key] = client.explain(['SET', `{${highKey}}x`, 'v']).keys;
    assert.deepEqual([key.hashTag, key.slot, key.master?.name], [highKey, slotOfKey(highKey), 'n2']);
  });

  describe('as a tenant', () => {
    const used = (server: FakeServer): string[][] => server.named('TENANT');

    it('enters it on open connections and on those to come', async () => {
      first.on('TENANT', OK);
      second.on('TENANT', OK).on('GET', NULL);
      const client = await connect();
      await client.selectTenant('acme');
      assert.deepEqual(used(first), [['TENANT', 'USE', 'acme']]);
      await client.execute(['GET', highKey]);
      assert.deepEqual(second.requests.slice(1), [
        ['TENANT', 'USE', 'acme'],
        ['GET', highKey],
      ]);
    });

    it('takes TENANT USE and AUTH as they are typed for all connections', async () => {
      for (const server of [first, second]) server.on('TENANT', OK).on('AUTH', OK).on('GET', NULL);
      const client = await connect();
      await client.execute(['GET', highKey]);
      for (const words of [
        ['tenant', 'use', 'acme'],
        ['AUTH', 'acme', 'tok'],
      ] satisfies CommandWords[]) {
        assert.deepEqual(await reply(client, ...words), { type: 'simple', value: 'OK' });
      }
      assert.deepEqual([used(first).length, used(second).length], [1, 1]);
      assert.deepEqual([first.named('AUTH').length, second.named('AUTH').length], [1, 1]);
    });

    it('stays where it was when it is refused', async () => {
      const refusal = 'NOPERM tenant acme needs its token';
      for (const server of [first, second]) server.on('TENANT', `-${refusal}\r\n`).on('GET', NULL);
      const client = await connect();
      await client.execute(['GET', highKey]);
      await assert.rejects(client.selectTenant('acme'), { code: 'AUTH_FAILED', message: refusal });
      assert.deepEqual(await reply(client, 'TENANT', 'USE', 'acme'), { type: 'error', value: refusal });
      assert.equal(used(second).length, 0);
    });

    it('authenticates new connections with new credentials', async () => {
      first.on('AUTH', OK);
      second.on('GET', NULL);
      const client = await connect();
      await client.authenticate('acme', 'tok');
      await client.execute(['GET', highKey]);
      assert.deepEqual(second.named('HELLO'), [['HELLO', '3', 'AUTH', 'acme', 'tok']]);
    });
  });

  it('subscribes on a connection of its own', async () => {
    first.on(
      'SUBSCRIBE',
      push(bulk('subscribe'), bulk('news'), integer(1)) + push(bulk('message'), bulk('news'), bulk('hi')),
    );
    const client = await connect();
    const subscription = await client.openSubscription();
    others.push(subscription);
    const events: string[] = [];
    subscription.onMessage((event) => events.push(event.kind === 'message' ? event.payload.toString() : event.verb));
    await subscription.send(['SUBSCRIBE', 'news']);
    await eventually(() => events.length === 2);
    assert.deepEqual(events, ['subscribe', 'hi']);
    assert.equal(first.connections, 2);
    await assert.rejects(client.execute(['SUBSCRIBE', 'news']), { code: 'SUBSCRIPTION_NEEDED' });
  });

  it('runs a command on a named node, and knows which names there are', async () => {
    second.on('INFO', bulk('# Server'));
    const client = await connect();
    assert.deepEqual((await client.executeOn('n2', ['INFO'])).nodes, ['n2']);
    await assert.rejects(client.executeOn('n9', ['INFO']), { code: 'NO_SUCH_NODE', hint: 'its nodes are n1, n2' });
  });

  it('begins on a new connection after RESET, which leaves the old one without its tenant', async () => {
    first.on('RESET', '+RESET\r\n').on('TENANT', OK).on('GET', NULL);
    const client = await connect();
    await client.selectTenant('acme');
    assert.deepEqual(await reply(client, 'RESET'), { type: 'simple', value: 'RESET' });
    await client.execute(['GET', lowKey]);
    assert.equal(used(first), 2);

    function used(server: FakeServer): number {
      return server.named('TENANT').length;
    }
  });

  describe('with one server that is no cluster', () => {
    beforeEach(() => {
      first.on('CLUSTER', '-ERR This instance has cluster support disabled\r\n');
    });

    it('sends every command as it is', async () => {
      first
        .on('MGET', array(NULL, NULL))
        .on('RENAME', OK)
        .on('SCAN', array(bulk('7'), array()));
      const client = await connect();
      assert.equal(client.isCluster, false);
      await client.execute(['MGET', lowKey, highKey]);
      await client.execute(['RENAME', lowKey, highKey]);
      await client.execute(['SCAN', '5']);
      assert.deepEqual(first.requests.slice(2), [
        ['MGET', lowKey, highKey],
        ['RENAME', lowKey, highKey],
        ['SCAN', '5'],
      ]);
    });

    it('says at once that it is gone', async () => {
      const client = await connect({ commandTimeoutMs: 60_000 });
      await first.stop();
      await eventually(() => notices.length > 0);
      await assert.rejects(client.execute(['GET', lowKey]), { code: 'CANNOT_CONNECT' });
    });

    it('repeats a read on a new connection', async () => {
      let asked = 0;
      first.on('GET', () => (++asked === 1 ? 'hang-up' : bulk('v')));
      const client = await connect();
      assert.equal((await reply(client, 'GET', lowKey)).type, 'bulk');
    });
  });
});
