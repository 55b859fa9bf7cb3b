/** The signals that stop a cluster, from before its start has made anything until it is gone. */
import { ExitCode, RedNodeError } from '../errors.js';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type StopSignal = (typeof STOP_SIGNALS)[number];

/** Whether a process that ended by this signal was ended by what also ends its launcher, such as Ctrl-C in the terminal. */
export function isStopSignal(signal: string | null): signal is StopSignal {
  return STOP_SIGNALS.some((known) => known === signal);
}

/** Takes the signals of this process from its construction to `release`. */
export class StopSignals {
  /** Called for every signal that counts. */
  onSignal: () => void = () => undefined;
  #received: StopSignal | undefined;
  #isCtrlCOurs = true;

  constructor() {
    for (const signal of STOP_SIGNALS) process.on(signal, this.#receive);
  }

  /** The first signal that came and counted. */
  get received(): StopSignal | undefined {
    return this.#received;
  }

  /** From now on SIGINT changes nothing: Ctrl-C means something else to whoever reads this terminal. */
  leaveCtrlC(): void {
    this.#isCtrlCOurs = false;
  }

  /** Throws INTERRUPTED (exit code 130 or 143) when a signal came, or a child process died of one. */
  check(childSignal?: StopSignal): void {
    const signal = this.#received ?? childSignal;
    if (signal === undefined) return;
    const exitCode = signal === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated;
    throw new RedNodeError('INTERRUPTED', `the start was interrupted (${signal})`, exitCode);
  }

  /** As if this signal had come. */
  pretend(signal: StopSignal): void {
    this.#received ??= signal;
    this.onSignal();
  }

  release(): void {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, this.#receive);
  }

  readonly #receive = (signal: NodeJS.Signals): void => {
    if (isStopSignal(signal) && (signal !== 'SIGINT' || this.#isCtrlCOurs)) this.pretend(signal);
  };
}
