/** A load from its first request to its last answer: its clients, its limits, and how it ends. */
import { ExitCode, messageOf, RedNodeError } from '../../errors.js';
import { commandTimedOut } from '../connection-errors.js';
import type { ClientNode, Endpoint } from '../types.js';
import type { Lane, LaneParts } from './lane.js';
import { LoadClient } from './load-client.js';
import type { LoadConnectionOptions } from './load-connection.js';
import type { LoadContext } from './load-context.js';
import { Measurement } from './measurement.js';
import { OutageLog } from './outage-log.js';
import { Pacer, type Paced } from './pacer.js';
import type { Requests } from './requests.js';
import type { Routes } from './routes.js';
import type { RequestSource } from './sources.js';

const CONNECT_TIMEOUT_MS = 3000;
/** A reply that takes longer does not come any more. */
const REPLY_TIMEOUT_MS = 10_000;
const WATCH_INTERVAL_MS = 1000;
/** What is under way at the end may take this long to be answered. */
const DRAIN_TIMEOUT_MS = 2000;
/** Connections opened at the same time, so that a server's accept queue is not flooded. */
const CONNECTS_AT_ONCE = 64;
/** No client has reached its masters for so long: the servers are gone. */
const GIVE_UP_MS = 30_000;

export interface LoadOptions {
  /** Credentials; host and port are those of the node that a connection goes to. */
  readonly endpoint: Endpoint;
  readonly tenantToEnter: string | undefined;
  readonly clients: number;
  /** Requests that a client sends before it waits for their answers. */
  readonly pipeline: number;
  readonly requests: Requests;
  /** The source of a client's requests; clients may share one. */
  readonly source: (client: number) => RequestSource;
  /** End after so many requests. */
  readonly requestLimit?: number | undefined;
  readonly durationMs?: number | undefined;
  /** Requests a second of all clients together; without it each client sends as soon as it has its answers. */
  readonly ratePerSecond?: number | undefined;
  /** Told of outages as they come and go. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

export class LoadRun implements LoadContext {
  readonly measurement = new Measurement();
  readonly requests: Requests;
  readonly laneParts: Omit<LaneParts, 'owner'>;
  isStopping = false;
  isOver = false;
  private readonly clients: readonly LoadClient[];
  private readonly pacer: Pacer | undefined;
  private readonly outages: OutageLog;
  private requestsLeft: number;
  private working = 0;
  private end: (failure?: RedNodeError) => void = () => undefined;

  constructor(
    readonly routes: Routes,
    private readonly options: LoadOptions,
  ) {
    const { requests, pipeline, ratePerSecond, clients, source } = options;
    const { measurement } = this;
    this.requests = requests;
    this.laneParts = { requests, measurement, depth: pipeline, isPaced: ratePerSecond !== undefined };
    this.requestsLeft = options.requestLimit ?? Infinity;
    this.pacer = ratePerSecond === undefined ? undefined : new Pacer(ratePerSecond);
    this.outages = new OutageLog(measurement, options.onNotice);
    this.clients = Array.from({ length: clients }, (_, index) => new LoadClient(source(index), this));
  }

  /** Opens all connections. Throws as `LoadConnection.open`. */
  async connect(): Promise<void> {
    try {
      for (let from = 0; from < this.clients.length; from += CONNECTS_AT_ONCE) {
        await Promise.all(this.clients.slice(from, from + CONNECTS_AT_ONCE).map((client) => client.connect()));
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Runs until a limit is reached or `stop` is called; closes the connections.
   * @throws RedNodeError SERVER_GONE when no master has been reached for half a minute; what was measured stays.
   */
  async run(): Promise<Measurement> {
    const { measurement, options } = this;
    const watch = setInterval(() => {
      this.watch();
    }, WATCH_INTERVAL_MS);
    const limit = options.durationMs === undefined ? undefined : setTimeout(() => this.stop(), options.durationMs);
    try {
      await new Promise<void>((resolve, reject) => {
        this.end = (failure) => (failure === undefined ? resolve() : reject(failure));
        this.start();
      });
    } finally {
      clearInterval(watch);
      clearTimeout(limit);
      measurement.durationMs = performance.now() - measurement.startedAtMs;
      this.close();
    }
    return measurement;
  }

  /** Sends nothing more; `run` resolves when the answers under way have come, or after two seconds. */
  stop(): void {
    if (this.isStopping) return;
    this.isStopping = true;
    setTimeout(() => this.end(), DRAIN_TIMEOUT_MS).unref();
    this.pacer?.stop();
  }

  take(): number {
    const { pipeline } = this.options;
    if (this.requestsLeft === 0) return 0;
    const wanted = Math.min(pipeline, this.requestsLeft);
    const taken = this.pacer === undefined ? wanted : this.pacer.take(wanted);
    this.requestsLeft -= taken;
    return taken;
  }

  intendedAtMs(left: number): number {
    return this.pacer === undefined ? 0 : this.pacer.intendedAtMs(left);
  }

  wait(client: Paced): void {
    if (this.pacer === undefined || this.requestsLeft === 0) this.finished();
    else this.pacer.park(client);
  }

  finished(): void {
    this.working--;
    if (this.working === 0) this.end();
  }

  recovering(lost: readonly Lane[]): void {
    this.outages.begin(lost);
  }

  recovered(reopened: number): void {
    this.outages.end(reopened, this.isStopping);
  }

  failedToReconnect(error: unknown): void {
    this.outages.lastFailure = error;
  }

  connectionTo({ host, port }: ClientNode): LoadConnectionOptions {
    const { endpoint, tenantToEnter } = this.options;
    return { endpoint: { ...endpoint, host, port }, tenantToEnter, connectTimeoutMs: CONNECT_TIMEOUT_MS };
  }

  replyTimedOut(node: ClientNode): RedNodeError {
    return commandTimedOut(node, REPLY_TIMEOUT_MS);
  }

  private start(): void {
    this.measurement.startedAtMs = performance.now();
    this.pacer?.start();
    this.working = this.clients.length;
    for (const client of this.clients) client.fire();
  }

  private watch(): void {
    const nowMs = performance.now();
    for (const client of this.clients) client.endStuck(nowMs - REPLY_TIMEOUT_MS);
    if (this.outages.clients < this.working || this.outages.lastsSinceMs > nowMs - GIVE_UP_MS) return;
    const reason = messageOf(this.outages.lastFailure);
    this.end(new RedNodeError('SERVER_GONE', `no master has answered for 30 s: ${reason}`, ExitCode.unreachable));
  }

  private close(): void {
    this.isStopping = true;
    this.isOver = true;
    for (const client of this.clients) client.close();
  }
}
