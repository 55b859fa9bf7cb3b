/** Doing something at an interval until the person ends it. */
import { ExitCode } from '../errors.js';

/**
 * Runs `action`, waits, and again, until a signal ends it: resolves with the exit code that goes with it. What `action`
 * throws ends it too.
 */
export async function repeat(intervalMs: number, action: () => Promise<void>): Promise<ExitCode> {
  const following = new Following();
  const { signal } = following;
  try {
    while (!signal.aborted) {
      await action();
      await pause(intervalMs, signal);
    }
    return following.exitCode;
  } finally {
    following.release();
  }
}

/** What goes on until a signal ends it: `signal` is aborted then, and `exitCode` says how. */
export class Following {
  readonly #stop = new AbortController();
  #exitCode: ExitCode = ExitCode.ok;
  /** To be called at its end. */
  readonly release: () => void;

  constructor() {
    this.release = onStopSignal((signal) => {
      this.#exitCode = exitCodeOf(signal);
      this.#stop.abort();
    });
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** 130 after SIGINT, 143 after the others, 0 when no signal came. */
  get exitCode(): ExitCode {
    return this.#exitCode;
  }

  /** Ends it as one that has nobody left to go on for: with 0. */
  end(): void {
    this.#stop.abort();
  }
}

/** What a program answers with that a signal ended before it was done. */
export function exitCodeOf(signal: StopSignal): ExitCode {
  return signal === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated;
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
