/** What the limits of a tenant come to on one node, and how they are told. */
import { evictionPolicies } from '../config/eviction-policy.js';
import type { TenantLimits } from '../ipc/messages.js';

type LimitName = keyof TenantLimits;

/** Limits as they are asked for: 0, and `noeviction` as a policy, lift one. */
export type AskedLimits = Readonly<Partial<Record<Exclude<LimitName, 'evict'>, number>>> & { readonly evict?: string };

const UNITS: readonly (readonly [suffix: string, bytes: number])[] = [
  ['gb', 1024 ** 3],
  ['mb', 1024 ** 2],
  ['kb', 1024],
];

/**
 * A node's part of a limit, rounded up: keys and memory spread over the slots, and so does what is done with them.
 * @param slotShare Of all slots, those that the node serves, or its master does: 0 to 1.
 */
function shareOf(limit: number, slotShare: number): number {
  return Math.ceil(limit * slotShare);
}

/** The part of all limits that holds on a node. Connections are counted on each node alone: clients have one to each. */
export function limitsOnNode(limits: TenantLimits, slotShare: number): TenantLimits {
  const part = (limit: number | undefined): number | undefined =>
    limit === undefined ? undefined : shareOf(limit, slotShare);
  return {
    ...limits,
    maxKeys: part(limits.maxKeys),
    maxMemoryBytes: part(limits.maxMemoryBytes),
    maxOpsPerSecond: part(limits.maxOpsPerSecond),
  };
}

/** `64mb`, as limits are given; in the largest unit that it is a whole number of. */
export function sizeText(sizeBytes: number): string {
  const unit = UNITS.find(([, bytes]) => sizeBytes > 0 && sizeBytes % bytes === 0);
  return unit === undefined ? `${sizeBytes} bytes` : `${sizeBytes / unit[1]}${unit[0]}`;
}

/** Those to set, and the names of those to lift. */
export function splitLimits(asked: AskedLimits): { readonly limits: TenantLimits; readonly cleared: LimitName[] } {
  const { evict, ...numbers } = asked;
  const names = Object.keys(numbers) as Exclude<LimitName, 'evict'>[];
  const limits: TenantLimits = Object.fromEntries(
    names.filter((name) => numbers[name] !== 0).map((name) => [name, numbers[name]]),
  );
  const cleared: LimitName[] = names.filter((name) => numbers[name] === 0);
  const policy = evictionPolicies.find((candidate) => candidate === evict);
  if (policy === 'noeviction') cleared.push('evict');
  else if (policy !== undefined) limits.evict = policy;
  return { limits, cleared };
}
