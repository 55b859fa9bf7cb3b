/** Whoever has to know of every change to a keyspace's keys: set where somebody watches, undefined everywhere else. */
export interface KeyObserver {
  /** The key in `[offset, offset + length)` of `bytes` was set, changed, removed, or given another deadline. */
  keyChanged(bytes: Uint8Array, offset: number, length: number): void;
  /** All keys are about to be removed. */
  allRemoved(): void;
}
