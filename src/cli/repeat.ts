/** Doing something at an interval until the person ends it. */

/** Runs `action`, waits, and again, until SIGINT or SIGTERM; what `action` throws ends it too. */
export async function repeat(intervalMs: number, action: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const release = onStopSignal(() => {
    stop.abort();
  });
  try {
    while (!stop.signal.aborted) {
      await action();
      await pause(intervalMs, stop.signal);
    }
  } finally {
    release();
  }
}

/** Waits, but not longer than until `signal` is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish);
  });
}

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const STOP_SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Calls `handler` for every signal that asks the program to end. Returns what removes the handlers again. */
export function onStopSignal(handler: (signal: StopSignal) => void): () => void {
  for (const signal of STOP_SIGNALS) process.on(signal, handler);
  return () => {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, handler);
  };
}
