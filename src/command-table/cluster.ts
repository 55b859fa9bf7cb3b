/** CLUSTER and its subcommands: the topology in the forms that cluster clients read. */
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { portFor, SLOT_COUNT, type SlotRange, type Topology, type TopologyNode } from '../topology/topology.js';
import { slotOf } from '../topology/slots.js';
import { integer, string } from './arguments.js';
import type { CommandDeclaration, Handler } from './command.js';
import { CLUSTER_DISABLED } from './connection.js';
import type { CommandContext } from './context.js';
import { countKeysInSlot, getKeysInSlot } from './slot-keys.js';

/** Redis Cluster's bus port; RedNode has no bus, but clients parse the field. */
const BUS_PORT_DISTANCE = 10_000;

type TopologyHandler = (
  reply: ReplyWriter,
  topology: Topology,
  self: TopologyNode,
  request: Request,
  context: CommandContext,
) => void;

function withTopology(render: TopologyHandler): Handler {
  return (context, request, reply) => {
    const { topology, self } = context.node;
    if (topology === undefined || self === undefined) reply.error(CLUSTER_DISABLED);
    else render(reply, topology, self, request, context);
  };
}

function slotCount(ranges: readonly SlotRange[]): number {
  return ranges.reduce((sum, range) => sum + range.end - range.start + 1, 0);
}

function replicasOf(topology: Topology, master: TopologyNode): TopologyNode[] {
  return topology.nodes.filter((node) => node.role === 'replica' && node.masterName === master.name);
}

function masterOf(topology: Topology, node: TopologyNode): TopologyNode | undefined {
  return topology.nodes.find((candidate) => candidate.name === node.masterName);
}

const info = withTopology((reply, topology, self) => {
  const masters = topology.nodes.filter((node) => node.slots.length > 0);
  const assigned = masters.reduce((sum, node) => sum + slotCount(node.slots), 0);
  const served = masters
    .filter((node) => node.health === 'online')
    .reduce((sum, node) => sum + slotCount(node.slots), 0);
  const fields: Record<string, string | number> = {
    cluster_enabled: 1,
    cluster_state: served === SLOT_COUNT ? 'ok' : 'fail',
    cluster_slots_assigned: assigned,
    cluster_slots_ok: served,
    cluster_slots_pfail: 0,
    cluster_slots_fail: assigned - served,
    cluster_known_nodes: topology.nodes.length,
    cluster_size: masters.length,
    cluster_current_epoch: topology.epoch,
    cluster_my_epoch: topology.epoch,
    rednode_cluster_name: topology.clusterName,
    rednode_node_name: self.name,
  };
  const text = Object.entries(fields).map(([name, value]) => `${name}:${value}\r\n`);
  reply.verbatim('txt', text.join(''));
});

function nodeLine(topology: Topology, self: TopologyNode, node: TopologyNode, isSecure: boolean): string {
  const flags = [
    ...(node.name === self.name ? ['myself'] : []),
    node.role === 'master' ? 'master' : 'slave',
    ...(node.health === 'down' ? ['fail'] : []),
  ].join(',');
  const master = node.role === 'replica' ? (masterOf(topology, node)?.id ?? '-') : '-';
  const ranges = node.slots.map(({ start, end }) => (start === end ? ` ${start}` : ` ${start}-${end}`)).join('');
  const link = node.health === 'down' ? 'disconnected' : 'connected';
  const address = `${node.host}:${portFor(node, isSecure)}@${node.port + BUS_PORT_DISTANCE}`;
  return `${node.id} ${address} ${flags} ${master} 0 0 ${topology.epoch} ${link}${ranges}\n`;
}

const nodes = withTopology((reply, topology, self, _request, { session }) => {
  reply.verbatim('txt', topology.nodes.map((node) => nodeLine(topology, self, node, session.isSecure)).join(''));
});

/** Encoded CLUSTER SLOTS by topology, protocol and security: thousands of ranges, which clients ask for at every connect. */
const encodedSlots = new WeakMap<Topology, Map<string, Buffer>>();

const slots = withTopology((reply, topology, _self, _request, { session: { isSecure } }) => {
  let encoded = encodedSlots.get(topology);
  if (encoded === undefined) {
    encoded = new Map<string, Buffer>();
    encodedSlots.set(topology, encoded);
  }
  const form = `${reply.protocol} ${isSecure ? 'tls' : 'plain'}`;
  const known = encoded.get(form);
  if (known !== undefined) {
    reply.raw(known);
    return;
  }
  const start = reply.length;
  writeSlots(reply, topology, isSecure);
  encoded.set(form, Buffer.from(reply.buffer.subarray(start, reply.length)));
});

function writeSlots(reply: ReplyWriter, topology: Topology, isSecure: boolean): void {
  const served = topology.nodes
    .flatMap((node) => node.slots.map((range) => ({ range, node })))
    .sort((left, right) => left.range.start - right.range.start);
  reply.array(served.length);
  for (const { range, node } of served) {
    const replicas = replicasOf(topology, node).filter((replica) => replica.health === 'online');
    reply.array(3 + replicas.length);
    reply.integer(range.start);
    reply.integer(range.end);
    for (const holder of [node, ...replicas]) writeSlotHolder(reply, holder, isSecure);
  }
}

function writeSlotHolder(reply: ReplyWriter, node: TopologyNode, isSecure: boolean): void {
  reply.array(4);
  reply.bulkText(node.host);
  reply.integer(portFor(node, isSecure));
  reply.bulkText(node.id);
  reply.array(0);
}

const healthWords = { online: 'online', syncing: 'loading', down: 'fail' } as const;

const shards = withTopology((reply, topology, self, _request, context) => {
  const masters = topology.nodes.filter((node) => node.role === 'master');
  reply.array(masters.length);
  for (const master of masters) {
    reply.map(2);
    reply.bulkText('slots');
    reply.array(master.slots.length * 2);
    for (const { start, end } of master.slots) {
      reply.integer(start);
      reply.integer(end);
    }
    const members = [master, ...replicasOf(topology, master)];
    reply.bulkText('nodes');
    reply.array(members.length);
    for (const member of members)
      writeShardMember(reply, member, member.name === self.name ? context.node.replication.offset : 0);
  }
});

/** Redis's fields, and `name`: RedNode's short name of the node. Both ports are told to every client. */
function writeShardMember(reply: ReplyWriter, node: TopologyNode, offset: number): void {
  const texts: [string, string][] = [
    ['id', node.id],
    ['ip', node.host],
    ['endpoint', node.host],
    ['role', node.role],
    ['health', healthWords[node.health]],
    ['name', node.name],
  ];
  reply.map(texts.length + (node.tlsPort === undefined ? 2 : 3));
  for (const [name, value] of texts) {
    reply.bulkText(name);
    reply.bulkText(value);
  }
  reply.bulkText('port');
  reply.integer(node.port);
  if (node.tlsPort !== undefined) {
    reply.bulkText('tls-port');
    reply.integer(node.tlsPort);
  }
  reply.bulkText('replication-offset');
  reply.integer(offset);
}

const keySlot = withTopology((reply, _topology, _self, request) => {
  reply.integer(slotOf(request.buffer, request.offsets[2], request.lengths[2]));
});

const replicas = withTopology((reply, topology, self, request, { session }) => {
  const id = request.text(2);
  const node = topology.nodes.find((candidate) => candidate.id === id);
  if (node === undefined) {
    reply.error(`ERR Unknown node ${id}`);
    return;
  }
  if (node.role === 'replica') {
    reply.error('ERR The specified node is not a master');
    return;
  }
  const found = replicasOf(topology, node);
  reply.array(found.length);
  for (const replica of found) reply.bulkText(nodeLine(topology, self, replica, session.isSecure).trimEnd());
});

/** Links of the cluster bus, which RedNode has none of. */
const links = withTopology((reply) => {
  reply.array(0);
});

const countKeys = withTopology((reply, _topology, _self, request, context) => {
  countKeysInSlot(context, request, reply);
});

const getKeys = withTopology((reply, _topology, _self, request, context) => {
  getKeysInSlot(context, request, reply);
});

const myId = withTopology((reply, _topology, self) => {
  reply.bulkText(self.id);
});

function subcommand(name: string, since: string, summary: string, handler: Handler): CommandDeclaration {
  const complexity = 'O(N) where N is the number of nodes';
  return { name, since, summary, group: 'cluster', complexity, flags: ['stale'], handler };
}

/** REPLICAS and SLAVES tell of any node that is asked for. */
const ofNode = { flags: ['admin', 'stale'], arguments: [string('node-id')] } as const;

/** Answered late where there are many keys, which a transaction cannot wait for. */
const ofSlot = {
  complexity: 'O(N) where N is the number of keys; others are served meanwhile',
  flags: ['stale', 'no_multi'],
  arguments: [integer('slot')],
} as const;

export const clusterCommands: readonly CommandDeclaration[] = [
  {
    name: 'CLUSTER',
    summary: 'A container for cluster commands.',
    since: '3.0.0',
    group: 'cluster',
    flags: [],
    subcommands: [
      subcommand('INFO', '3.0.0', 'Returns information about the state of a node.', info),
      subcommand('NODES', '3.0.0', 'Returns the cluster configuration for a node.', nodes),
      subcommand('SLOTS', '3.0.0', 'Returns the mapping of cluster slots to nodes.', slots),
      subcommand('SHARDS', '7.0.0', 'Returns the mapping of cluster slots to shards.', shards),
      {
        ...subcommand('KEYSLOT', '3.0.0', 'Returns the hash slot for a key.', keySlot),
        complexity: 'O(N) where N is the number of bytes in the key',
        // Only the slot is computed: the argument is not a key that is read, so it is a plain string.
        arguments: [string('key')],
      },
      subcommand('MYID', '3.0.0', 'Returns the ID of a node.', myId),
      { ...subcommand('REPLICAS', '5.0.0', 'Lists the replicas of a master.', replicas), ...ofNode },
      {
        ...subcommand('SLAVES', '3.0.0', 'Lists the replicas of a master; the older name of REPLICAS.', replicas),
        ...ofNode,
      },
      subcommand('LINKS', '7.0.0', 'Returns the links of the cluster bus: none, since there is no bus.', links),
      { ...subcommand('COUNTKEYSINSLOT', '3.0.0', 'Returns the number of keys in a hash slot.', countKeys), ...ofSlot },
      {
        ...subcommand('GETKEYSINSLOT', '3.0.0', 'Returns key names in a hash slot.', getKeys),
        ...ofSlot,
        arguments: [integer('slot'), integer('count')],
      },
    ],
  },
];
