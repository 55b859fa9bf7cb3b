/** INFO keyspace: the keys of the tenant. */
import type { Keyspace } from '../../keyspace/keyspace.js';
import type { Section } from './section.js';

/** Of a larger keyspace, the keys from a random place on are looked at. */
const SAMPLE_KEYS = 1024;
const KEYS_PER_STEP = 128;
const HASH_SPACE = 2 ** 32;

/**
 * How long keys with a deadline have left on average, in ms: of all of them in a small keyspace, of a sample in a large one. 0 when
 * none has been found, as in Redis.
 */
export function meanTtlMs(keyspace: Keyspace, nowMs: number, random: () => number): number {
  if (keyspace.expiresCount === 0) return 0;
  let [seen, count, sumMs] = [0, 0, 0];
  let cursor = keyspace.size <= SAMPLE_KEYS ? 0 : Math.floor(random() * HASH_SPACE);
  do {
    cursor = keyspace.scan(cursor, KEYS_PER_STEP, (ref) => {
      const deadlineMs = keyspace.deadline(ref);
      seen++;
      if (deadlineMs < 0) return;
      count++;
      sumMs += Math.max(0, deadlineMs - nowMs);
    });
  } while (cursor !== 0 && seen < SAMPLE_KEYS);
  return count === 0 ? 0 : Math.round(sumMs / count);
}

export const keyspace: Section = ({ nowMs }, _session, keys) => {
  if (keys.size === 0) return {};
  const meanMs = meanTtlMs(keys, nowMs, Math.random);
  return { db0: `keys=${keys.size},expires=${keys.expiresCount},avg_ttl=${meanMs}` };
};
