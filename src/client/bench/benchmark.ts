/** A whole benchmark: fill the keyspace, run the load, remove what was written. */
import { ExitCode, RedNodeError } from '../../errors.js';
import type { Endpoint } from '../types.js';
import { LoadRun } from './load-run.js';
import type { Measurement } from './measurement.js';
import { SeededRandom } from './random.js';
import { Requests } from './requests.js';
import type { Routes } from './routes.js';
import { FillSource, MixSource, RemovalSource, WrittenKeys, type RequestSource } from './sources.js';

/** For filling and removing, whose speed nobody measures. */
const BULK_CLIENTS = 8;
const BULK_BATCH_BYTES = 256 * 1024;
const BULK_PIPELINE_MAX = 128;

export interface BenchmarkOptions {
  readonly endpoint: Endpoint;
  readonly tenantToEnter: string | undefined;
  readonly clients: number;
  readonly pipeline: number;
  /** How many of the requests are reads: 0 to 1. */
  readonly readShare: number;
  readonly keyspace: number;
  readonly valueBytes: number;
  readonly prefix: string;
  readonly zipf: number | undefined;
  readonly seed: number;
  readonly durationMs: number | undefined;
  readonly requestLimit: number | undefined;
  readonly ratePerSecond: number | undefined;
  readonly onNotice: ((text: string) => void) | undefined;
}

export class Benchmark {
  private readonly requests: Requests;
  private readonly written: WrittenKeys;
  private current: LoadRun | undefined;
  private isStopped = false;

  constructor(
    private readonly routes: Routes,
    private readonly options: BenchmarkOptions,
  ) {
    this.requests = new Requests(options.prefix, options.valueBytes);
    this.written = new WrittenKeys(options.keyspace);
  }

  /** What the present step has measured so far. */
  get progress(): Measurement | undefined {
    return this.current?.measurement;
  }

  /** Ends the present step early; `fill` and `load` that come after it do nothing, `remove` still does. */
  stop(): void {
    this.isStopped = true;
    this.current?.stop();
  }

  /** Writes every key once. Throws the server's error when it refused all of them; as `LoadRun` does. */
  async fill(): Promise<Measurement> {
    const measured = await this.inBulk(new FillSource(this.written));
    const [error] = measured.errors.values();
    if (measured.operations > 0 || (error as unknown) === undefined) return measured;
    throw new RedNodeError('SERVER_ERROR', error.example, ExitCode.serverError, {
      context: { command: `SET ${this.options.prefix}...` },
    });
  }

  /** The load itself. `finished` rejects as `LoadRun` does; `measurement` has what was measured until then. */
  load(): { readonly measurement: Measurement; readonly finished: Promise<Measurement> } {
    const { options, written } = this;
    const run = new LoadRun(this.routes, {
      ...options,
      requests: this.requests,
      source: (client) => new MixSource(options, new SeededRandom(options.seed, client), written),
    });
    return { measurement: run.measurement, finished: this.perform(run) };
  }

  /** Deletes the keys that were written; `writes.operations - writes.empty` of the result says how many there were. */
  async remove(): Promise<Measurement> {
    this.isStopped = false;
    return this.inBulk(new RemovalSource(this.written));
  }

  private inBulk(source: RequestSource): Promise<Measurement> {
    const { endpoint, tenantToEnter, onNotice } = this.options;
    const depth = Math.floor(BULK_BATCH_BYTES / this.requests.sizeBytesMax);
    const run = new LoadRun(this.routes, {
      endpoint,
      tenantToEnter,
      onNotice,
      requests: this.requests,
      clients: BULK_CLIENTS,
      pipeline: Math.min(BULK_PIPELINE_MAX, Math.max(1, depth)),
      source: () => source,
    });
    return this.perform(run);
  }

  private async perform(run: LoadRun): Promise<Measurement> {
    this.current = run;
    if (this.isStopped) return run.measurement;
    await run.connect();
    // Asked to stop while it connected.
    if (this.isStopped as boolean) run.stop();
    return run.run();
  }
}
