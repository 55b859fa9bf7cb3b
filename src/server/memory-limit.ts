/**
 * `maxmemory`: before a command that may grow memory, keys are evicted until the limit holds; what takes longer than a
 * command may be kept waiting is gone on with between commands. A replica holds what its master does, and evicts nothing.
 */
import type { Instance } from './instance.js';

/** Redis's scale of maxmemory-eviction-tenacity: linear to 0.5 ms at 10, then 15 % more per step, without bound at 100. */
const LINEAR_TENACITY = 10;
const MAX_TENACITY = 100;
const MS_PER_LINEAR_STEP = 0.05;
const GROWTH_PER_STEP = 1.15;

/** How long one command may be kept waiting. */
export function evictionBudgetMs(tenacity: number): number {
  if (tenacity >= MAX_TENACITY) return Infinity;
  const linearMs = MS_PER_LINEAR_STEP * Math.min(tenacity, LINEAR_TENACITY);
  return linearMs * GROWTH_PER_STEP ** Math.max(0, tenacity - LINEAR_TENACITY);
}

export class MemoryLimit {
  constructor(private readonly instance: Instance) {
    this.configure();
  }

  /** To be called when the configuration of eviction has changed. */
  configure(): void {
    const { evictionPolicy: policy, evictionSamples: samples, lfuLogFactor, lfuDecayMinutes } = this.instance.config;
    this.instance.store.setEviction({ policy, samples, lfuLogFactor, lfuDecayMinutes });
  }

  /** Whether a command that may grow memory can run: not when the limit is passed and nothing can be evicted. */
  admits(): boolean {
    const { config, store } = this.instance;
    const limitBytes = config.maxMemoryBytes;
    if (limitBytes === 0 || store.usedBytes <= limitBytes || !store.isMaster) return true;
    return store.evictUntil(limitBytes, evictionBudgetMs(config.evictionTenacity)) !== 'failed';
  }

  /** Evicts for a while, between commands: what they left, or after the limit was lowered. Returns whether there is more to do. */
  slice(budgetMs: number): boolean {
    const { config, store } = this.instance;
    const limitBytes = config.maxMemoryBytes;
    if (limitBytes === 0 || store.usedBytes <= limitBytes) return false;
    return store.evictUntil(limitBytes, budgetMs) === 'running';
  }
}
