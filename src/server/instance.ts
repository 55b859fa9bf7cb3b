/** One node: the parts it is made of, and the view of them that commands get. */
import { commandTable } from '../command-table/index.js';
import type { NodePort, SessionPort } from '../command-table/context.js';
import type { MemoryFigures } from '../command-table/observation.js';
import type { Clock } from '../clock.js';
import { loggerLevel } from '../config/parameter-values.js';
import type { ServerConfig } from '../config/server-config.js';
import { Store } from '../keyspace/store.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { DecoderLimits } from '../resp/decoder-limits.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { TenantAuthority } from '../tenancy/authority.js';
import { TenantRegistry } from '../tenancy/registry.js';
import type { TenantEffect, TenantRecord } from '../ipc/messages.js';
import type { Topology, TopologyNode } from '../topology/topology.js';
import { Acknowledgements } from './acknowledgements.js';
import { AuthThrottle } from './auth-throttle.js';
import { ClientControl } from './client-control.js';
import { ClientPause } from './client-pause.js';
import { Dispatcher } from './dispatch.js';
import type { CommandTally } from './command-tally.js';
import { infoText } from './info/info.js';
import { LatencyMonitor } from './latency-monitor.js';
import { MemoryMeter } from './memory-figures.js';
import { Settings } from './settings.js';
import { SlowLog } from './slow-log.js';
import type { Logger } from './logger.js';
import { MemoryLimit } from './memory-limit.js';
import { Monitors } from './monitor.js';
import { Pubsub } from './pubsub.js';
import { ReplyBatch } from './reply-batch.js';
import { ReadAhead } from './read-ahead.js';
import { ReplicationRole } from './replication-role.js';
import { Router } from './router.js';
import type { Session } from './session.js';
import { Statistics } from './statistics.js';
import { WatchRegistry } from './watches.js';
import { TenantActivity } from './tenant-activity.js';
import { TenantService } from './tenant-service.js';

export interface InstanceOptions {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called by SHUTDOWN; ends the process or the server that is part of one. */
  readonly onShutdown: () => void;
}

export class Instance implements NodePort {
  /** Replaced as a whole when CONFIG SET changes it. */
  config: ServerConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store = new Store();
  readonly registry: TenantRegistry;
  readonly pubsub = new Pubsub();
  readonly statistics = new Statistics();
  readonly sessions = new Set<Session>();
  readonly commands = commandTable;
  readonly replication: ReplicationRole;
  readonly dispatcher: Dispatcher;
  readonly tenants: TenantService;
  readonly activity: TenantActivity;
  readonly decoderLimits: { -readonly [Limit in keyof DecoderLimits]: DecoderLimits[Limit] };
  readonly settings = new Settings(this);
  readonly slowLog = new SlowLog(this);
  readonly latency = new LatencyMonitor(this);
  readonly meter: MemoryMeter;
  expiresActively = true;
  readonly authThrottle: AuthThrottle;
  readonly memoryLimit: MemoryLimit;
  readonly startedAtMs: number;
  /** The port that it listens on, once it does. */
  port = 0;
  /** The one for TLS; 0 without. */
  tlsPort = 0;
  router: Router | undefined;
  /** The time of the current batch of commands. */
  nowMs: number;
  /** Bits of `Mode` that hold for every connection. */
  modes = 0;
  readonly pause = new ClientPause(this);
  readonly monitors = new Monitors(this);
  readonly clients = new ClientControl(this);
  readonly acknowledgements = new Acknowledgements(this);
  readonly watches = new WatchRegistry();
  readonly replies = new ReplyBatch();
  readonly ahead = new ReadAhead();
  private readonly withPushes: Session[] = [];

  constructor(private readonly options: InstanceOptions) {
    const { config } = options;
    this.config = config;
    this.clock = options.clock;
    this.logger = options.logger;
    this.nowMs = this.startedAtMs = options.clock.now();
    this.registry = new TenantRegistry(config.adminPasswordHash);
    this.tenants = new TenantService(this);
    this.activity = new TenantActivity(this);
    this.replication = new ReplicationRole(this);
    this.dispatcher = new Dispatcher(this);
    this.meter = new MemoryMeter(this);
    this.memoryLimit = new MemoryLimit(this);
    this.authThrottle = new AuthThrottle(options.clock, () => this.config);
    this.decoderLimits = {
      maxArguments: config.maxArguments,
      maxBulkBytes: config.maxBulkBytes,
      maxInlineBytes: config.maxInlineBytes,
      maxBufferedBytes: config.queryBufferBytes,
    };
    this.store.onExpired = (keyspace, key) => {
      this.propagateExpiry(keyspace, key);
    };
    this.store.onEvicted = (keyspace, key) => {
      this.propagateEviction(keyspace, key);
    };
  }

  /** Whoever decides on tenants must be known before the first TENANT CREATE. */
  setAuthority(authority: TenantAuthority): void {
    this.tenants.authority = authority;
  }

  get topology(): Topology | undefined {
    return this.router?.topology;
  }

  get self(): TopologyNode | undefined {
    return this.router?.self;
  }

  /** Takes over a topology, unless a newer one is known; `name` is this node's own in it. */
  applyTopology(topology: Topology, name: string): void {
    const current = this.topology;
    if (current !== undefined && current.epoch > topology.epoch) return;
    const self = topology.nodes.find((node) => node.name === name);
    if (self === undefined) throw new Error(`node ${name} is not in the topology of epoch ${topology.epoch}`);
    this.router = new Router(topology, self);
    this.activity.refreshShares();
  }

  /** Takes over the registry of tenants; those that are gone lose their keys and connections. */
  applyTenants(records: readonly TenantRecord[]): void {
    this.activity.applyAll(records);
  }

  /** Takes over one change of it. */
  applyTenantEffect(effect: TenantEffect): void {
    this.activity.apply(effect);
  }

  /** Reads the clock for a batch of commands, and readies the writer that gathers its replies. */
  openBatch(session: Session): ReplyWriter {
    this.nowMs = this.clock.now();
    this.store.nowMs = this.nowMs;
    const { writer } = this.replies;
    writer.protocol = session.protocol;
    return writer;
  }

  /** Has what was pushed to a session sent at the end of this turn of the event loop, together with all others. */
  schedulePush(session: Session): void {
    if (this.withPushes.length === 0) setImmediate(this.flushPushes);
    this.withPushes.push(session);
  }

  private readonly flushPushes = (): void => {
    this.replies.flush();
    for (const session of this.withPushes.splice(0)) session.flushPushes();
  };

  private propagateExpiry(keyspace: Keyspace, key: Buffer): void {
    this.statistics.expiredKeys++;
    keyspace.expiredKeys++;
    const { log } = this.replication;
    if (!log.isActive) return;
    log.selectDatabase(keyspace.database);
    log.appendCommand(['DEL', key]);
  }

  private propagateEviction(keyspace: Keyspace, key: Buffer): void {
    this.statistics.evictedKeys++;
    const { log } = this.replication;
    if (!log.isActive) return;
    log.selectDatabase(keyspace.database);
    log.appendCommand(['DEL', key]);
  }

  get commandTimes(): CommandTally {
    return this.dispatcher.clock.tally;
  }

  memory(): MemoryFigures {
    return this.meter.figures();
  }

  /** Takes over settings that change while it runs. */
  configure(changes: Partial<ServerConfig>): void {
    this.config = { ...this.config, ...changes };
    this.decoderLimits.maxBulkBytes = this.config.maxBulkBytes;
    this.decoderLimits.maxBufferedBytes = this.config.queryBufferBytes;
    this.memoryLimit.configure();
    this.dispatcher.clock.configure();
    this.replication.configure();
    this.slowLog.trim();
    if (changes.logLevel !== undefined && this.logger.level !== undefined) {
      this.logger.level = loggerLevel(changes.logLevel);
    }
  }

  resetStatistics(): void {
    this.statistics.reset();
    this.dispatcher.clock.tally.reset();
    this.meter.resetPeak();
    for (const keyspace of this.store.keyspaces()) keyspace.resetStatistics();
  }

  info(sections: readonly string[], session: SessionPort, keyspace: Keyspace): string {
    return infoText(this, sections, session, keyspace);
  }

  *sessionsVisibleTo(session: SessionPort): Iterable<Session> {
    for (const other of this.sessions) {
      if (session.isAdmin || other.tenant === session.tenant) yield other;
    }
  }

  acknowledgedBy(session: Session): number {
    return this.acknowledgements.countFor(session);
  }

  awaitReplicas(session: Session, replicas: number, timeoutMs: number): Promise<number> {
    return this.acknowledgements.wait(session, replicas, timeoutMs);
  }

  nextTurn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Begins when the batch of commands that asked for it has been answered. */
  shutdown(): void {
    setImmediate(this.options.onShutdown);
  }
}
