/** Carries a benchmark out from its first key to its last, and lets a signal end it early in good order. */
import { Benchmark } from '../../client/bench/benchmark.js';
import type { Measurement } from '../../client/bench/measurement.js';
import { Routes } from '../../client/bench/routes.js';
import type { RoutingClient } from '../../client/routing-client.js';
import { formatDuration } from '../formats.js';
import { exitCodeOf, onStopSignal, type StopSignal } from '../repeat.js';
import type { Target } from '../target.js';
import type { BenchSettings } from './bench-flags.js';
import { countText, type BenchReport } from './bench-report.js';
import type { LiveView } from './live-view.js';

export interface BenchRequest {
  readonly client: RoutingClient;
  readonly target: Target;
  readonly settings: BenchSettings;
  /** Write every key first, so that reads find something. */
  readonly fills: boolean;
  /** Leave the keys in the end. */
  readonly keeps: boolean;
  readonly view: LiveView;
}

export interface BenchOutcome {
  readonly report: BenchReport;
  /** What ended it before its time, undefined for none; a failure comes with what was measured until then. */
  readonly signal: StopSignal | undefined;
  readonly failure: unknown;
}

/** Throws what keeps a load from beginning: as `LoadRun.connect` and `Benchmark.fill` do. */
export async function runBenchmark(request: BenchRequest): Promise<BenchOutcome> {
  const session = new BenchSession(request);
  const release = onStopSignal((signal) => {
    session.interrupt(signal);
  });
  try {
    return await session.run();
  } finally {
    release();
    request.view.stop();
  }
}

class BenchSession {
  private readonly routes: Routes;
  private readonly benchmark: Benchmark;
  private signal: StopSignal | undefined;
  private failure: unknown;

  constructor(private readonly request: BenchRequest) {
    const { settings, target, view } = request;
    const { reads, writes } = settings.ratio;
    this.routes = new Routes(request.client);
    this.benchmark = new Benchmark(this.routes, {
      ...settings,
      endpoint: target.endpoint,
      tenantToEnter: target.tenantToEnter,
      readShare: reads / (reads + writes),
      onNotice: (text) => {
        view.note(`  ${text}`);
      },
    });
  }

  /** The second one does not wait for anything, and leaves keys behind. */
  interrupt(signal: StopSignal): void {
    if (this.signal !== undefined) process.exit(exitCodeOf(signal));
    this.signal = signal;
    this.benchmark.stop();
  }

  async run(): Promise<BenchOutcome> {
    const filledKeys = await this.fill();
    const measured = await this.load();
    const removedKeys = await this.remove();
    const { request, routes, signal, failure } = this;
    const report: BenchReport = {
      target: request.target.name,
      masters: request.client.nodes(),
      isCluster: routes.isCluster,
      settings: request.settings,
      measured,
      filledKeys,
      removedKeys,
      isInterrupted: signal !== undefined,
    };
    return { report, signal, failure };
  }

  private async fill(): Promise<number> {
    const { fills, settings, view } = this.request;
    if (!fills || settings.ratio.reads === 0) return 0;
    this.follow('writing keys');
    try {
      const filled = await this.benchmark.fill();
      view.note(`  wrote ${countText(filled.operations)} keys in ${formatDuration(filled.durationMs)}`);
      for (const { count, example } of filled.errors.values()) {
        view.note(`  ${countText(count)} keys were refused: ${example}`);
      }
      return filled.operations;
    } catch (error) {
      await this.remove();
      throw error;
    }
  }

  private async load(): Promise<Measurement> {
    this.follow('running');
    const run = this.benchmark.load();
    try {
      return await run.finished;
    } catch (error) {
      this.failure = error;
      return run.measurement;
    }
  }

  /** How many keys were removed; undefined when they are kept, or could not be. */
  private async remove(): Promise<number | undefined> {
    const { keeps, view } = this.request;
    if (keeps) return undefined;
    this.follow('removing keys');
    try {
      const { writes, errors } = await this.benchmark.remove();
      for (const { count, example } of errors.values()) {
        view.note(`  ${countText(count)} keys were not removed: ${example}`);
      }
      return writes.operations - writes.empty;
    } catch (error) {
      // What failed first is what the person has to hear of.
      this.failure ??= error;
      return undefined;
    }
  }

  private follow(step: string): void {
    this.request.view.follow(step, () => this.benchmark.progress);
  }
}
