/** One node: the parts it is made of, and the view of them that commands get. */
import { commandTable } from '../command-table/index.js';
import type { NodePort, SessionPort } from '../command-table/context.js';
import type { Clock } from '../clock.js';
import { parameters, type ServerConfig } from '../config/server-config.js';
import { Store } from '../keyspace/store.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { DecoderLimits } from '../resp/decoder-limits.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { TenantAuthority } from '../tenancy/authority.js';
import { TenantRegistry } from '../tenancy/registry.js';
import type { TenantRecord } from '../ipc/messages.js';
import type { Topology, TopologyNode } from '../topology/topology.js';
import { Dispatcher } from './dispatch.js';
import { infoText } from './info.js';
import type { Logger } from './logger.js';
import { Pubsub } from './pubsub.js';
import { ReplyBatch } from './reply-batch.js';
import { ReadAhead } from './read-ahead.js';
import { ReplicationRole } from './replication-role.js';
import { Router } from './router.js';
import type { Session } from './session.js';
import { Statistics } from './statistics.js';
import { TenantService } from './tenant-service.js';

export interface InstanceOptions {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called by SHUTDOWN; ends the process or the server that is part of one. */
  readonly onShutdown: () => void;
}

export class Instance implements NodePort {
  readonly config: ServerConfig;
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
  readonly decoderLimits: DecoderLimits;
  readonly startedAtMs: number;
  /** The port that it listens on, once it does. */
  port = 0;
  router: Router | undefined;
  /** The time of the current batch of commands. */
  nowMs: number;
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
    this.replication = new ReplicationRole(this);
    this.dispatcher = new Dispatcher(this);
    this.decoderLimits = {
      maxArguments: config.maxArguments,
      maxBulkBytes: config.maxBulkBytes,
      maxInlineBytes: config.maxInlineBytes,
      maxBufferedBytes: config.queryBufferBytes,
    };
    this.store.onExpired = (keyspace, key) => {
      this.propagateExpiry(keyspace, key);
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
  }

  /** Takes over the registry of tenants; those that are gone lose their keys and connections. */
  applyTenants(records: readonly TenantRecord[]): void {
    const dropped = new Set(this.registry.replaceAll(records).map((tenant) => tenant.database));
    if (dropped.size === 0) return;
    for (const session of [...this.sessions]) {
      if (dropped.has(session.keyspace.database)) session.destroy();
    }
    for (const database of dropped) this.dropKeys(database);
  }

  /** Writes that were under way reach the replicas before the flush does, so that none outlives its tenant there. */
  private dropKeys(database: number): void {
    this.store.drop(database);
    const { log, role } = this.replication;
    if (role === 'replica' || !log.isActive) return;
    log.selectDatabase(database);
    log.appendCommand(['FLUSHDB']);
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
    const { log } = this.replication;
    if (!log.isActive) return;
    log.selectDatabase(keyspace.database);
    log.appendCommand(['DEL', key]);
  }

  *parameters(): Iterable<readonly [string, string]> {
    const config = { ...this.config, port: this.port };
    for (const { name, read } of parameters) yield [name, read(config)];
  }

  info(sections: readonly string[], session: SessionPort, keyspace: Keyspace): string {
    return infoText(this, sections, session, keyspace);
  }

  *sessionsVisibleTo(session: SessionPort): Iterable<Session> {
    for (const other of this.sessions) {
      if (session.isAdmin || other.tenant === session.tenant) yield other;
    }
  }

  /** Begins when the batch of commands that asked for it has been answered. */
  shutdown(): void {
    setImmediate(this.options.onShutdown);
  }
}
