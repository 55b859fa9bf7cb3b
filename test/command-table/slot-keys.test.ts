import assert from 'node:assert/strict';
import { slotOfKey } from '../../src/topology/slots.js';
import { SLOT_COUNT, type Topology, type TopologyNode } from '../../src/topology/topology.js';
import { AskingServer, type Call } from './asking-server.js';

/** So many that a walk over them takes more than one slice. */
const KEYS = 60_000;
const BATCH = 10_000;
const TAG = 'key:7';
const SLOT = slotOfKey(TAG);

const node = (name: string, rest: Partial<TopologyNode>): TopologyNode => ({
  name,
  id: name.padEnd(40, 'a'),
  host: '127.0.0.1',
  port: 7001,
  role: 'master',
  health: 'online',
  slots: [],
  ...rest,
});

const topology: Topology = {
  epoch: 1,
  clusterName: 'test',
  nodes: [
    node('n1', { slots: [{ start: 0, end: SLOT_COUNT - 1 }] }),
    node('n2', { role: 'replica', masterName: 'n1', port: 7002 }),
  ],
};

describe('CLUSTER COUNTKEYSINSLOT and GETKEYSINSLOT', function () {
  this.timeout(60_000);
  let server: AskingServer;
  const inSlot: string[] = [];

  before(async () => {
    server = await AskingServer.start();
    server.server.instance.applyTopology(topology, 'n1');
    const names = Array.from({ length: KEYS }, (_, index) => `key:${index}`);
    for (let index = 0; index < 10; index++) names.push(`key:{${TAG}}:${index}`);
    inSlot.push(...names.filter((name) => slotOfKey(name) === SLOT));
    for (let from = 0; from < names.length; from += BATCH) {
      await server.ask(names.slice(from, from + BATCH).map((name): Call => ['SET', name, 'v']));
    }
    assert.ok(inSlot.length > 10);
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  it('find the keys of a slot among all others', async () => {
    const [count, all, some, none] = await server.texts([
      ['CLUSTER', 'COUNTKEYSINSLOT', String(SLOT)],
      ['CLUSTER', 'GETKEYSINSLOT', String(SLOT), '100'],
      ['CLUSTER', 'GETKEYSINSLOT', String(SLOT), '1'],
      ['CLUSTER', 'GETKEYSINSLOT', String(SLOT), '0'],
    ]);
    assert.equal(count, `:${inSlot.length}`);
    assert.deepEqual(
      all
        .split('\r\n')
        .filter((line) => line.startsWith('key:'))
        .sort(),
      [...inSlot].sort(),
    );
    assert.match(some, /^\*1\r\n\$\d+\r\nkey:\S+$/);
    assert.equal(none, '*0');
  });

  it('answer in the order of the requests, however long they take', async () => {
    const replies = await server.texts([
      ['ECHO', 'before'],
      ['CLUSTER', 'COUNTKEYSINSLOT', String(SLOT)],
      ['ECHO', 'between'],
      ['CLUSTER', 'GETKEYSINSLOT', String(SLOT), '0'],
      ['ECHO', 'after'],
    ]);
    assert.deepEqual(replies, ['$6\r\nbefore', `:${inSlot.length}`, '$7\r\nbetween', '*0', '$5\r\nafter']);
  });

  it("know the keys of the connection's tenant only", async () => {
    const [created] = await server.texts([['TENANT', 'CREATE', 'acme']]);
    assert.match(created, /^\$/);
    const [entered, count, back] = await server.texts([
      ['TENANT', 'USE', 'acme'],
      ['CLUSTER', 'COUNTKEYSINSLOT', String(SLOT)],
      ['TENANT', 'USE', 'default'],
    ]);
    assert.deepEqual([entered, count, back], ['+OK', ':0', '+OK']);
  });

  it('refuse what is no slot, and no number of keys', async () => {
    const calls: Call[] = [
      ['CLUSTER', 'COUNTKEYSINSLOT', '16384'],
      ['CLUSTER', 'COUNTKEYSINSLOT', '-1'],
      ['CLUSTER', 'COUNTKEYSINSLOT', 'x'],
      ['CLUSTER', 'GETKEYSINSLOT', '0', '-1'],
      ['CLUSTER', 'GETKEYSINSLOT', '16384', '1'],
      ['CLUSTER', 'GETKEYSINSLOT', '0', 'x'],
    ];
    assert.deepEqual(await server.texts(calls), [
      '-ERR Invalid slot',
      '-ERR Invalid slot',
      '-ERR value is not an integer or out of range',
      '-ERR Invalid slot or number of keys',
      '-ERR Invalid slot or number of keys',
      '-ERR value is not an integer or out of range',
    ]);
  });

  it('stand beside REPLICAS, which tells of a master alone', async () => {
    const [master, replica] = topology.nodes;
    assert.deepEqual(
      await server.texts([
        ['CLUSTER', 'REPLICAS', replica.id],
        ['CLUSTER', 'SLAVES', 'nosuch'],
        ['CLUSTER', 'LINKS'],
      ]),
      ['-ERR The specified node is not a master', '-ERR Unknown node nosuch', '*0'],
    );
    const line = `${replica.id} 127.0.0.1:7002@17002 slave ${master.id} 0 0 1 connected`;
    for (const name of ['REPLICAS', 'SLAVES']) {
      assert.deepEqual(await server.texts([['CLUSTER', name, master.id]]), [`*1\r\n$${line.length}\r\n${line}`]);
    }
  });
});
