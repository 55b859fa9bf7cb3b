/** Reads the replies to CLUSTER SHARDS and CLUSTER SLOTS into nodes, in RESP2's and in RESP3's shape. */
import { ExitCode, RedNodeError } from '../errors.js';
import type { Reply } from '../resp/reply.js';
import { slotCountOf } from '../topology/ranges.js';
import { SLOT_COUNT, type SlotRange } from '../topology/topology.js';
import { addressOf, type Address } from './endpoint.js';
import { readFields, readInteger, readItems, readText } from './reply-fields.js';
import type { ClientNode, Endpoint } from './types.js';

/** Where a reply came from, and whether by TLS. */
export type Contact = Pick<Endpoint, 'host' | 'port' | 'tls'>;

/**
 * Nodes of a CLUSTER SHARDS reply. `contact` is where the reply came from: a node that does not know its own address
 * leaves it empty, and means the one that it was reached at. Who was reached by TLS has the others' ports for TLS.
 * @throws RedNodeError UNEXPECTED_REPLY
 */
export function nodesOfShards(reply: Reply, contact: Contact): ClientNode[] {
  return readItems(reply).flatMap((shard) => nodesOfShard(readFields(shard), contact));
}

function nodesOfShard(shard: ReadonlyMap<string, Reply>, contact: Contact): ClientNode[] {
  const bounds = readItems(shard.get('slots')).map(readInteger);
  const slots = rangesOfBounds(bounds);
  const members = readItems(shard.get('nodes')).map((member) => memberOf(readFields(member), contact));
  const owner = shardOwner(members);
  return members.map((member) => describe(member, owner, member === owner ? slots : []));
}

type Member = Pick<ClientNode, 'name' | 'host' | 'port' | 'role' | 'health' | 'replicationOffset'>;

function memberOf(fields: ReadonlyMap<string, Reply>, contact: Contact): Member {
  const host = hostOf([fields.get('endpoint'), fields.get('ip')], contact);
  const [usual, other] = contact.tls === true ? ['tls-port', 'port'] : ['port', 'tls-port'];
  const port = readInteger(fields.get(usual) ?? fields.get(other));
  const name = fields.get('name');
  return {
    name: name === undefined ? addressOf({ host, port }) : readText(name),
    host,
    port,
    role: readText(fields.get('role')) === 'master' ? 'master' : 'replica',
    health: readText(fields.get('health')),
    replicationOffset: readInteger(fields.get('replication-offset')),
  };
}

/** During a failover a shard may list the failed master beside the new one. */
function shardOwner(members: readonly Member[]): Member | undefined {
  const masters = members.filter(({ role }) => role === 'master');
  return masters.find(({ health }) => health !== 'fail') ?? masters.at(0);
}

function describe(member: Member, owner: Member | undefined, slots: readonly SlotRange[]): ClientNode {
  const masterName = member.role === 'replica' ? owner?.name : undefined;
  return { ...member, slots, slotCount: slotCountOf(slots), ...(masterName === undefined ? {} : { masterName }) };
}

function rangesOfBounds(bounds: readonly number[]): SlotRange[] {
  const ranges: SlotRange[] = [];
  for (let i = 0; i + 1 < bounds.length; i += 2) ranges.push(checkedRange(bounds[i], bounds[i + 1]));
  return ranges.sort((left, right) => left.start - right.start);
}

function checkedRange(start: number, end: number): SlotRange {
  if (start >= 0 && start <= end && end < SLOT_COUNT) return { start, end };
  throw new RedNodeError('UNEXPECTED_REPLY', `the server reports slots ${start}-${end}`, ExitCode.serverError);
}

/** Nodes of a CLUSTER SLOTS reply (servers before 7.0): one row for each range, its master first. Throws as above. */
export function nodesOfSlots(reply: Reply, contact: Contact): ClientNode[] {
  const ranges = new Map<string, SlotRange[]>();
  const replicas = new Map<string, string>();
  const addresses = new Map<string, Address>();
  for (const row of readItems(reply)) {
    const [start, end, ...holders] = readItems(row);
    const names = holders.map((holder) => {
      const address = addressOfHolder(holder, contact);
      addresses.set(addressOf(address), address);
      return addressOf(address);
    });
    const master = names.at(0);
    if (master === undefined) continue;
    const known = ranges.get(master) ?? [];
    ranges.set(master, [...known, checkedRange(readInteger(start), readInteger(end))]);
    for (const name of names.slice(1)) replicas.set(name, master);
  }
  return [...addresses].map(([name, address]) => nodeOfRanges(name, address, ranges.get(name), replicas.get(name)));
}

function nodeOfRanges(
  name: string,
  { host, port }: Address,
  ranges: readonly SlotRange[] | undefined,
  masterName: string | undefined,
): ClientNode {
  const slots = ranges ?? [];
  return {
    name,
    host,
    port,
    role: ranges === undefined ? 'replica' : 'master',
    health: 'online',
    slots,
    slotCount: slotCountOf(slots),
    replicationOffset: 0,
    ...(ranges === undefined && masterName !== undefined ? { masterName } : {}),
  };
}

function addressOfHolder(holder: Reply, contact: Contact): Address {
  const [host, port] = readItems(holder);
  return { host: hostOf([host], contact), port: readInteger(port) };
}

function hostOf(candidates: readonly (Reply | undefined)[], contact: Contact): string {
  for (const candidate of candidates) {
    if (candidate === undefined || candidate.type === 'null') continue;
    const text = readText(candidate);
    if (text !== '' && text !== '?') return text;
  }
  return contact.host;
}
