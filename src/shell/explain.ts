/** `explain <command>` as text: key, hash tag, slot, master, replicas, and what happens then. */
import type { ChalkInstance } from 'chalk';
import type { ClientNode, Explanation, KeyRoute } from '../client/types.js';
import { alignColumns } from './columns.js';
import { quoteIfNeeded, withoutControls } from './quoting.js';
import { readReplicaLags, type ReplicaLags } from './replica-lag.js';
import type { Screen } from './screen.js';
import type { ShellClient } from './shell-client.js';

const INDENT = 2;
/** A command of more keys shows where these go, and how many others there are. */
const KEYS_SHOWN_MAX = 16;

type Row = readonly string[];

/** Where a command would go, as an aligned block. The masters of its keys are asked how far their replicas are behind. */
export async function explainCommand(
  words: readonly Uint8Array[],
  client: ShellClient,
  screen: Screen,
): Promise<string> {
  const { chalk, columns } = screen;
  const explanation = client.explain(words);
  const routes = explanation.keys.slice(0, KEYS_SHOWN_MAX);
  const masters = routes.flatMap(({ master, replicas }) =>
    master === undefined || replicas.length === 0 ? [] : [master],
  );
  const lags = await readReplicaLags(client, masters);
  const rows: Row[] = routes.flatMap((route) => keyRows(route, lags, client.isCluster, chalk));
  const hidden = explanation.keys.length - routes.length;
  if (hidden > 0) rows.push(['', chalk.dim(`and ${String(hidden)} more keys`)]);
  rows.push(...outcomeRows(explanation, chalk));
  return alignColumns(rows, { indent: INDENT, columns });
}

/** A single server (`isCluster` false) has no slots to speak of. */
function keyRows(route: KeyRoute, lags: ReplicaLags, isCluster: boolean, chalk: ChalkInstance): Row[] {
  const tag =
    route.hashTag === undefined
      ? '(no hash tag: the whole key is hashed)'
      : `(hash tag ${quoteIfNeeded(Buffer.from(route.hashTag))}: it alone is hashed)`;
  const master = route.master === undefined ? ['master', chalk.red('none: the slot is not served')] : undefined;
  return [
    ['key', quoteIfNeeded(Buffer.from(route.key)), chalk.dim(tag)],
    ...(isCluster ? [['slot', String(route.slot), chalk.dim(`crc16(${tagOrKey(route)}) mod 16384`)]] : []),
    master ?? nodeRow('master', route.master, isCluster ? slotsOf(route.master) : '', chalk),
    ...route.replicas.map((replica) => nodeRow('replica', replica, stateOf(replica, route.master, lags), chalk)),
  ];
}

function tagOrKey(route: KeyRoute): string {
  return route.hashTag === undefined ? 'key' : 'hash tag';
}

function nodeRow(label: string, node: ClientNode | undefined, detail: string, chalk: ChalkInstance): Row {
  if (node === undefined) return [label, chalk.dim('none')];
  const address = `${node.host}:${String(node.port)}`;
  return [label, node.name === address ? address : `${node.name}  ${address}`, chalk.dim(detail)];
}

function slotsOf(node: ClientNode | undefined): string {
  return node === undefined ? '' : `${String(node.slotCount)} slots`;
}

/** Without an answer of the master nothing is known but the replica's health. */
function stateOf(replica: ClientNode, master: ClientNode | undefined, lags: ReplicaLags): string {
  if (master === undefined) return 'without a master';
  const connected = lags.get(master.name);
  if (replica.health !== 'online' || connected === undefined) return replica.health;
  const lag = connected.get(`${replica.host}:${String(replica.port)}`);
  if (lag === undefined) return `not connected to ${master.name}`;
  return lag.isInSync ? `in sync, ${plural(lag.lagBytes, 'byte')} behind` : 'receiving its full copy';
}

function outcomeRows(explanation: Explanation, chalk: ChalkInstance): Row[] {
  const command = withoutControls(explanation.command);
  const label = explanation.isWrite ? 'effect' : 'read';
  return [
    [label, command, chalk.dim(describeRouting(explanation))],
    ...(explanation.routing === 'crossslot' ? [crossSlotHint(chalk)] : []),
  ];
}

function crossSlotHint(chalk: ChalkInstance): Row {
  return ['try', 'one hash tag in all keys', chalk.dim('{user:42}:name and {user:42}:mail share a slot')];
}

function describeRouting({ routing, targets, isWrite, keys }: Explanation): string {
  const nodes = targets.join(', ');
  switch (routing) {
    case 'single': {
      const replicas = keys[0]?.replicas.length ?? 0;
      return isWrite
        ? `sent to ${nodes}, which sends its effect to ${plural(replicas, 'replica')}`
        : `sent to ${nodes}`;
    }
    case 'split':
      return `split by slot, sent to ${nodes}, merged`;
    case 'all':
      return `sent to every master (${nodes}), merged`;
    case 'any':
      return nodes === '' ? 'sent to any node' : `no key: sent to ${nodes}`;
    case 'crossslot':
      return 'not sent: its keys are in different slots, and it cannot be split';
  }
}

function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
