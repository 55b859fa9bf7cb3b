/**
 * Eviction by Redis's policies: keys are drawn at random, the best of them are kept in a pool over many draws, and the best of the
 * pool goes. Of volatile-ttl over the whole store no sample is needed, since the deadlines are in order.
 */
import { isVolatile, type EvictionPolicy } from '../config/eviction-policy.js';
import type { Dataset } from './dataset.js';
import { EvictionPool, type Candidate } from './eviction-pool.js';
import type { EvictionSampler } from './eviction-sampler.js';
import type { Shared } from './shared.js';

/**
 * done: the limits hold. running: the time was up before that, there is more to evict.
 * failed: they do not hold, and nothing is left that the policy lets go.
 */
export type EvictionOutcome = 'done' | 'running' | 'failed';

/** What keys are removed from. */
export interface EvictionTarget {
  readonly usedBytes: number;
  /** Keys. */
  readonly size: number;
  evict(dataset: Dataset, hash: number, ref: number): void;
}

/** Keys that are evicted between two looks at the clock, as in Redis. */
const KEYS_PER_CLOCK_CHECK = 16;
/** Draws in a row that may find nothing: in a table that is nearly empty many do. */
const MAX_EMPTY_DRAWS = 64;
const MAX_FREQUENCY = 255;

export class Evictor {
  private readonly pool = new EvictionPool();
  private poolPolicy: EvictionPolicy = 'noeviction';

  constructor(
    private readonly shared: Shared,
    private readonly sampler: EvictionSampler,
    private readonly target: EvictionTarget,
  ) {}

  /** Evicts until the target keeps to the limits or the time is up. */
  run(maxBytes: number, maxKeys: number, policy: EvictionPolicy, budgetMs: number): EvictionOutcome {
    const { target } = this;
    if (policy !== this.poolPolicy) {
      this.poolPolicy = policy;
      this.pool.clear();
    }
    let startedAt = 0;
    for (let count = 0; target.usedBytes > maxBytes || (maxKeys !== Infinity && target.size > maxKeys); count++) {
      if (policy === 'noeviction') return 'failed';
      if (count === 0) startedAt = performance.now();
      else if (count % KEYS_PER_CLOCK_CHECK === 0 && performance.now() - startedAt >= budgetMs) return 'running';
      const victim = this.choose(policy);
      if (victim === undefined) return this.sampler.hasCandidates(isVolatile(policy)) ? 'running' : 'failed';
      target.evict(victim.dataset, victim.hash, victim.ref);
    }
    return 'done';
  }

  private choose(policy: EvictionPolicy): Candidate | undefined {
    for (let emptyDraws = 0; emptyDraws < MAX_EMPTY_DRAWS;) {
      const isRandom = policy.endsWith('-random');
      const { sampler } = this;
      if (policy === 'volatile-ttl') sampler.drawEarliest(this.shared.evictionSamples);
      else sampler.draw(isRandom ? 1 : this.shared.evictionSamples, isVolatile(policy));
      if (sampler.count === 0) emptyDraws++;
      for (let index = 0; index < sampler.count; index++) {
        const ref = sampler.refs[index];
        this.pool.offer(sampler.datasets[index], sampler.hashes[index], ref, isRandom ? 0 : this.score(policy, ref));
      }
      for (let best = this.pool.take(); best !== undefined; best = this.pool.take()) {
        if (this.isStillGood(best, policy)) return best;
      }
    }
    return undefined;
  }

  private score(policy: EvictionPolicy, ref: number): number {
    const { entries, access, expiry } = this.shared;
    switch (policy) {
      case 'volatile-ttl':
        return -expiry.deadline(entries.expiryRecord(ref));
      case 'allkeys-lfu':
      case 'volatile-lfu':
        return MAX_FREQUENCY - access.frequency(entries.accessWord(ref));
      default:
        return access.idleMs(entries.accessWord(ref));
    }
  }

  /** Whether an entry that was drawn a while ago is there, and has not been used since. */
  private isStillGood({ dataset, hash, ref, score }: Candidate, policy: EvictionPolicy): boolean {
    const { table } = dataset;
    if (!this.sampler.isInUse(dataset) || !table.findRef(hash, ref)) return false;
    if (table.hashAt(table.foundSegment, table.foundSlot) !== hash >>> 0) return false;
    if (isVolatile(policy) && this.shared.entries.expiryRecord(ref) === 0) return false;
    return policy.endsWith('-random') || this.score(policy, ref) >= score;
  }
}
