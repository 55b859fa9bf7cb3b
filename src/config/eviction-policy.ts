/** What a node or a tenant does when it may hold no more: Redis's policies, under Redis's names and in Redis's order. */

export const evictionPolicies = [
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'noeviction',
] as const;

export type EvictionPolicy = (typeof evictionPolicies)[number];

/** What entries remember of their accesses: when the last one was, or how many there are. */
export type AccessMeasure = 'recency' | 'frequency';

/** What the policy orders keys by; recency where it does not look at accesses, for OBJECT IDLETIME. */
export function measureOf(policy: EvictionPolicy): AccessMeasure {
  return policy.endsWith('-lfu') ? 'frequency' : 'recency';
}

/** Whether only keys that have a deadline may be evicted. */
export function isVolatile(policy: EvictionPolicy): boolean {
  return policy.startsWith('volatile-');
}
