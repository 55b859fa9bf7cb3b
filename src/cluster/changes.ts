/** Waiting for a condition on state that changes: every change is announced, every waiter looks again. */

export class Changes {
  readonly #waiters = new Set<() => void>();

  /** To be called after each change; a waiter whose condition throws is rejected with it. */
  announce(): void {
    for (const look of [...this.#waiters]) look();
  }

  /** Resolves with what `read` returns once that is not undefined, or with undefined when the time is over. */
  waitFor<T>(read: () => T | undefined, timeoutMs: number): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        finish(() => {
          resolve(undefined);
        });
      }, timeoutMs);
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiters.delete(look);
        settle();
      };
      const look = (): void => {
        try {
          const value = read();
          if (value !== undefined) {
            finish(() => {
              resolve(value);
            });
          }
        } catch (error) {
          finish(() => {
            reject(error instanceof Error ? error : new Error(String(error)));
          });
        }
      };
      this.#waiters.add(look);
      look();
    });
  }
}
