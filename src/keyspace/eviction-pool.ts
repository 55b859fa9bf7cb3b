/**
 * The best candidates of many samples (as Redis's eviction pool): what a sample of five finds improves on what the ones before
 * found, so that the approximation comes close to evicting in exact order.
 */
import type { Dataset } from './dataset.js';

const POOL_SIZE = 16;

/** An entry that may go. */
export interface Candidate {
  dataset: Dataset;
  hash: number;
  ref: number;
  /** The higher, the sooner it goes. */
  score: number;
}

export class EvictionPool {
  /** By rising score. */
  private readonly candidates: Candidate[] = [];

  /** Keeps a candidate if it is among the best; one that is there already stays as it is. */
  offer(dataset: Dataset, hash: number, ref: number, score: number): void {
    const { candidates } = this;
    const isFull = candidates.length === POOL_SIZE;
    if (isFull && score <= candidates[0].score) return;
    for (const candidate of candidates) if (candidate.ref === ref && candidate.dataset === dataset) return;
    // The object of the one that falls out serves the new one: no allocation while the pool is full.
    const candidate = isFull ? candidates.shift() : undefined;
    let at = candidates.length;
    while (at > 0 && candidates[at - 1].score > score) at--;
    candidates.splice(at, 0, renew(candidate, dataset, hash, ref, score));
  }

  /** Takes the best candidate out; undefined when there is none. */
  take(): Candidate | undefined {
    return this.candidates.pop();
  }

  clear(): void {
    this.candidates.length = 0;
  }
}

function renew(old: Candidate | undefined, dataset: Dataset, hash: number, ref: number, score: number): Candidate {
  if (old === undefined) return { dataset, hash, ref, score };
  old.dataset = dataset;
  old.hash = hash;
  old.ref = ref;
  old.score = score;
  return old;
}
