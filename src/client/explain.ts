/** Shows where a command would go and why, without sending it. */
import { keyPositions, type Command } from '../command-table/command.js';
import { hashTagOf, slotOfKey } from '../topology/slots.js';
import type { Plan } from './plan.js';
import type { TopologyView } from './topology-view.js';
import type { ClientNode, CommandArgument, CommandWords, Explanation, KeyRoute } from './types.js';
import { nameOf, textOf } from './words.js';

const routings = {
  any: 'any',
  home: 'any',
  slot: 'single',
  split: 'split',
  crossslot: 'crossslot',
  'wrong-arity': 'single',
  all: 'all',
  scan: 'all',
  'random-key': 'all',
} as const satisfies Record<Plan['kind'], Explanation['routing']>;

/** `anyNode` is where commands without keys go. */
export function explainPlan(
  command: Command | undefined,
  words: CommandWords,
  plan: Plan,
  view: TopologyView,
  anyNode: ClientNode,
): Explanation {
  const positions = command === undefined ? [] : keyPositions(command, words.length);
  const keys = positions.map((position) => routeOf(words[position], view));
  const hasKeys = keys.length > 0 && plan.kind === 'any';
  return {
    command: command?.fullName ?? nameOf(words),
    isWrite: command?.isWrite ?? false,
    keys,
    routing: hasKeys ? 'single' : routings[plan.kind],
    targets: targetsOf(plan, keys, view, anyNode),
  };
}

function routeOf(key: CommandArgument, view: TopologyView): KeyRoute {
  const text = textOf(key);
  const slot = slotOfKey(key);
  const master = view.ownerOf(slot);
  return {
    key: text,
    hashTag: hashTagOf(text),
    slot,
    master,
    replicas: master === undefined ? [] : view.replicasOf(master),
  };
}

function targetsOf(plan: Plan, keys: readonly KeyRoute[], view: TopologyView, anyNode: ClientNode): string[] {
  switch (plan.kind) {
    case 'any':
    case 'home':
      return [anyNode.name];
    case 'slot':
    case 'split':
      return [...new Set(keys.flatMap(({ master }) => (master === undefined ? [] : [master.name])))];
    case 'crossslot':
    case 'wrong-arity':
      return [];
    case 'all':
      return (plan.of === 'masters' ? view.shardMasters() : view.nodes).map(({ name }) => name);
    case 'scan':
    case 'random-key':
      return view.shardMasters().map(({ name }) => name);
  }
}
