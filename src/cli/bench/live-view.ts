/** What a benchmark shows while it runs: one line that is written over on a terminal, a line a second elsewhere. */
import type { Measurement } from '../../client/bench/measurement.js';
import { writeMessage } from '../output.js';
import type { Theme } from '../theme.js';
import { countText, latencyText } from './bench-report.js';

const INTERVAL_MS = 1000;
const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const SPARK_LENGTH_MAX = 20;

export interface LiveView {
  /** Follows a measurement from now on. */
  follow(step: string, measured: () => Measurement | undefined): void;
  /** A line that stays. */
  note(text: string): void;
  /** Takes the moving line away. */
  stop(): void;
}

export const silentView: LiveView = { follow: () => undefined, note: () => undefined, stop: () => undefined };

export async function startLiveView(theme: Theme): Promise<LiveView> {
  const isAnimated = process.stderr.isTTY && process.env.TERM !== 'dumb' && process.env.CI === undefined;
  if (!isAnimated) return new Ticker(theme, { show: writeMessage, clear: () => undefined });
  const { createLogUpdate } = await import('log-update');
  const update = createLogUpdate(process.stderr);
  return new Ticker(theme, { show: update, clear: () => update.clear() });
}

interface Surface {
  show(text: string): void;
  clear(): void;
}

class Ticker implements LiveView {
  private timer: NodeJS.Timeout | undefined;
  private lastOperations = 0;
  private lastAtMs = 0;
  private rates: number[] = [];

  constructor(
    private readonly theme: Theme,
    private readonly surface: Surface,
  ) {}

  follow(step: string, measured: () => Measurement | undefined): void {
    this.stop();
    this.lastOperations = 0;
    this.lastAtMs = performance.now();
    this.rates = [];
    this.timer = setInterval(() => {
      const measurement = measured();
      if (measurement !== undefined && measurement.startedAtMs > 0) this.surface.show(this.line(step, measurement));
    }, INTERVAL_MS);
  }

  note(text: string): void {
    this.surface.clear();
    writeMessage(text);
  }

  stop(): void {
    clearInterval(this.timer);
    this.surface.clear();
  }

  private line(step: string, measured: Measurement): string {
    const nowMs = performance.now();
    // Connecting is not part of what is measured.
    this.lastAtMs = Math.max(this.lastAtMs, measured.startedAtMs);
    const rate = ((measured.operations - this.lastOperations) * 1000) / (nowMs - this.lastAtMs);
    this.lastOperations = measured.operations;
    this.lastAtMs = nowMs;
    this.rates = [...this.rates.slice(1 - SPARK_LENGTH_MAX), rate];
    const failures = measured.failures + measured.unanswered;
    const parts = [
      `${step} ${((nowMs - measured.startedAtMs) / 1000).toFixed(1)} s`.padEnd(14),
      `${this.theme.strong(countText(rate).padStart(9))} ops/s`,
      `p99 so far ${latencyText(measured.allLatencies().percentileMs(99))}`,
      ...(failures === 0 ? [] : [this.theme.failed(`${countText(failures)} failed`)]),
      ...(this.theme.unicode ? [this.theme.dim(sparkline(this.rates))] : []),
    ];
    return `  ${parts.join('   ')}`;
  }
}

function sparkline(values: readonly number[]): string {
  const largest = Math.max(1, ...values);
  return values.map((value) => BARS[Math.min(BARS.length - 1, Math.floor((value / largest) * BARS.length))]).join('');
}
