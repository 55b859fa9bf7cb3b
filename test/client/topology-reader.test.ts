/** Reading the topology from servers of several kinds. */
import assert from 'node:assert/strict';
import { readTopology } from '../../src/client/topology-reader.js';
import type { CommandWords } from '../../src/client/types.js';
import type { Reply } from '../../src/resp/reply.js';
import { ReplyParser } from '../../src/resp/reply-parser.js';
import { array, bulk, integer, shardsReply } from './fake-server.js';

const contact = { host: '10.0.0.1', port: 7000 };

function parse(text: string): Reply {
  const parser = new ReplyParser();
  parser.feed(Buffer.from(text));
  const reply = parser.next();
  assert.ok(reply !== undefined);
  return reply;
}

function asker(answers: Record<string, string>, tls = false) {
  const send = (words: CommandWords): Promise<Reply> => Promise.resolve(parse(answers[words.join(' ')]));
  return { endpoint: { ...contact, tls }, send };
}

function member(fields: Record<string, string | number>): string {
  const words = Object.entries(fields).flatMap(([name, value]) => [
    bulk(name),
    typeof value === 'number' ? integer(value) : bulk(value),
  ]);
  return array(...words);
}

const shard = (slots: readonly number[], ...members: readonly string[]): string =>
  array(bulk('slots'), array(...slots.map(integer)), bulk('nodes'), array(...members));

describe('the topology', () => {
  it('is read from CLUSTER SHARDS, with the short names that RedNode gives', async () => {
    const shards = shardsReply([
      { name: 'n1', port: 7000, slots: [0, 99] },
      { name: 'n2', port: 7001, slots: [100, 16383] },
    ]);
    const view = await readTopology(asker({ 'CLUSTER SHARDS': shards }));
    assert.equal(view.isCluster, true);
    assert.equal(view.ownerOf(99)?.name, 'n1');
    assert.equal(view.ownerOf(100)?.name, 'n2');
    assert.equal(view.find('n2')?.slotCount, 16284);
    assert.equal(view.find('127.0.0.1:7001')?.name, 'n2');
    assert.equal(view.find('n1')?.replicationOffset, 7);
  });

  it('names a node by its address where the server has no name, and knows its replicas', async () => {
    const master = { ip: '10.0.0.1', port: 7000, role: 'master', health: 'online', 'replication-offset': 1 };
    const replica = { ...master, port: 7001, role: 'replica' };
    const view = await readTopology(
      asker({ 'CLUSTER SHARDS': array(shard([0, 16383], member(master), member(replica))) }),
    );
    const owner = view.ownerOf(0);
    assert.equal(owner?.name, '10.0.0.1:7000');
    assert.deepEqual(
      view.replicasOf(owner).map(({ name, masterName }) => [name, masterName]),
      [['10.0.0.1:7001', '10.0.0.1:7000']],
    );
  });

  it('has the ports for TLS where it is read by TLS, and those without elsewhere', async () => {
    const told = { ip: '10.0.0.1', role: 'master', health: 'online', 'replication-offset': 1 };
    const members = [
      { ...told, port: 7000, 'tls-port': 7100 },
      { ...told, role: 'replica', 'tls-port': 7101 },
    ];
    const answers = { 'CLUSTER SHARDS': array(shard([0, 16383], ...members.map(member))) };
    const portsBy = async (tls: boolean): Promise<number[]> =>
      (await readTopology(asker(answers, tls))).nodes.map(({ port }) => port);
    assert.deepEqual(await portsBy(true), [7100, 7101]);
    assert.deepEqual(await portsBy(false), [7000, 7101]);
  });

  it('gives a node that does not know its address the one that it was reached at', async () => {
    const fields = { endpoint: '', ip: '', port: 7000, role: 'master', health: 'online', 'replication-offset': 0 };
    const view = await readTopology(asker({ 'CLUSTER SHARDS': array(shard([0, 16383], member(fields))) }));
    assert.equal(view.ownerOf(5)?.host, '10.0.0.1');
  });

  it('takes the living master of a shard during a failover', async () => {
    const fields = { ip: 'h', port: 1, role: 'master', health: 'fail', 'replication-offset': 0 };
    const heir = { ...fields, port: 2, health: 'online' };
    const view = await readTopology(
      asker({ 'CLUSTER SHARDS': array(shard([0, 16383], member(fields), member(heir))) }),
    );
    assert.equal(view.ownerOf(0)?.port, 2);
  });

  it('falls back to CLUSTER SLOTS for servers before 7.0', async () => {
    const holder = (port: number) => array(bulk('h'), integer(port), bulk('id'));
    const slots = array(
      array(integer(0), integer(5), holder(1), holder(3)),
      array(integer(10), integer(16383), holder(1), holder(3)),
      array(integer(6), integer(9), holder(2)),
    );
    const refused = "-ERR Unknown subcommand or wrong number of arguments for 'SHARDS'. Try CLUSTER HELP.\r\n";
    const view = await readTopology(asker({ 'CLUSTER SHARDS': refused, 'CLUSTER SLOTS': slots }));
    assert.deepEqual(
      [5, 6, 9, 10].map((slot) => view.ownerOf(slot)?.port),
      [1, 2, 2, 1],
    );
    assert.deepEqual(view.find('h:3')?.masterName, 'h:1');
    assert.deepEqual(
      view.shardMasters().map(({ port }) => port),
      [1, 2],
    );
  });

  it('of a server without cluster mode is one node that takes every key', async () => {
    const view = await readTopology(asker({ 'CLUSTER SHARDS': '-ERR This instance has cluster support disabled\r\n' }));
    assert.equal(view.isCluster, false);
    assert.equal(view.ownerOf(16383)?.name, '10.0.0.1:7000');
  });

  it('of a server whose INFO says that it is no cluster is one node too', async () => {
    const denied = '-NOPERM this user has no permissions to run the command\r\n';
    const answers = { 'CLUSTER SHARDS': denied, 'CLUSTER SLOTS': denied };
    const view = await readTopology(asker({ ...answers, 'INFO cluster': bulk('# Cluster\r\ncluster_enabled:0\r\n') }));
    assert.equal(view.isCluster, false);
    await assert.rejects(readTopology(asker({ ...answers, 'INFO cluster': bulk('cluster_enabled:1\r\n') })), {
      code: 'TOPOLOGY_REFUSED',
      message: denied.slice(1, -2),
    });
  });

  it('knows of slots without a master, and follows MOVED to a node that it has never heard of', async () => {
    const shards = shardsReply([{ name: 'n1', port: 7000, slots: [0, 99] }]);
    const view = await readTopology(asker({ 'CLUSTER SHARDS': shards }));
    assert.equal(view.ownerOf(100), undefined);
    view.move(100, { host: 'h', port: 9 });
    assert.equal(view.ownerOf(100)?.name, 'h:9');
    assert.equal(view.ownerOf(99)?.name, 'n1');
  });

  it('with slots out of range is refused', async () => {
    const fields = { ip: 'h', port: 1, role: 'master', health: 'online', 'replication-offset': 0 };
    await assert.rejects(readTopology(asker({ 'CLUSTER SHARDS': array(shard([0, 16384], member(fields))) })), {
      code: 'UNEXPECTED_REPLY',
    });
  });
});
