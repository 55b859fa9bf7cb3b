/** Replicas that need a full sync wait here for their turn, since a store takes one snapshot at a time. */

export class SnapshotQueue {
  private readonly waiting: (() => void)[] = [];
  private current: (() => void) | undefined;

  /** Calls `start` when it is its turn, in a later turn of the event loop. The result gives the place up, and must be called. */
  enter(start: () => void): () => void {
    this.waiting.push(start);
    this.startNext();
    return () => {
      this.leave(start);
    };
  }

  private leave(start: () => void): void {
    const place = this.waiting.indexOf(start);
    if (place >= 0) this.waiting.splice(place, 1);
    if (this.current !== start) return;
    this.current = undefined;
    this.startNext();
  }

  private startNext(): void {
    if (this.current !== undefined) return;
    const start = this.waiting.shift();
    if (start === undefined) return;
    this.current = start;
    setImmediate(() => {
      if (this.current === start) start();
    });
  }
}
