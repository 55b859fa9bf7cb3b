/** What a node is in its shard: master with replicas linked to it, or replica linked to a master; and the change between the two. */
import type { Duplex } from 'node:stream';
import type { ReplicationView } from '../command-table/context.js';
import type { ServerConfig } from '../config/server-config.js';
import { ReplicationLog } from '../replication/log.js';
import { ReplicationMaster } from '../replication/master.js';
import type { ReplicaFeed } from '../replication/replica-feed.js';
import { ReplicaLink } from '../replication/replica.js';
import type { SyncStatistics } from '../replication/replica-session.js';
import type { Instance } from './instance.js';
import { SlowReplicas } from './slow-replicas.js';

/** Longest time that a promotion waits for what the dead master's socket still holds. The launcher waits for it, so less than its patience. */
const PROMOTION_DRAIN_TIMEOUT_MS = 3000;
/** Longest time that a shutdown waits for the replicas. */
const SHUTDOWN_DRAIN_TIMEOUT_MS = 1000;

export interface ReplicaView {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly ackOffset: number;
  readonly inSync: boolean;
  /** Time since it was heard of last. */
  readonly silentMs: number;
}

/** Told when this node, as a replica, has come into sync or lost its master. */
export type SyncListener = (state: 'in-sync' | 'lost') => void;

export class ReplicationRole implements ReplicationView {
  readonly log: ReplicationLog;
  onSync: SyncListener = () => undefined;
  private readonly feeds: ReplicationMaster;
  private readonly slowReplicas = new SlowReplicas();
  private link: ReplicaLink | undefined;
  private lastStatistics: SyncStatistics | undefined;
  private linkLostAtMs: number | undefined;

  constructor(private readonly instance: Instance) {
    const { config, clock, store } = instance;
    this.log = new ReplicationLog(limitsOf(config));
    this.feeds = new ReplicationMaster({
      log: this.log,
      store,
      clock,
      timings: { timeoutMs: config.replicationTimeoutMs },
      tenants: () => new Map(instance.registry.list().map((tenant) => [tenant.database, tenant.name])),
    });
  }

  /** To be called when the configuration has changed. */
  configure(): void {
    this.log.setLimits(limitsOf(this.instance.config));
  }

  get role(): 'master' | 'replica' {
    return this.instance.store.isMaster ? 'master' : 'replica';
  }

  get offset(): number {
    return this.log.endOffset;
  }

  /** As a replica: whether everything its master had at the start of the link has arrived, and the link is up. */
  get isInSync(): boolean {
    return this.link?.isInSync === true;
  }

  get isLinkUp(): boolean {
    return this.link !== undefined && this.link.state !== 'lost';
  }

  /** As a replica: time since its master was heard of last, in ms; undefined while there is no link. */
  get masterSilentMs(): number | undefined {
    return this.isLinkUp ? this.link?.silentMs : undefined;
  }

  /** As a replica: for how long it has been out of sync since its link was lost, in ms; undefined while that holds, or before the first one. */
  get outOfSyncMs(): number | undefined {
    return this.linkLostAtMs === undefined ? undefined : this.instance.clock.now() - this.linkLostAtMs;
  }

  /** The last sync that this node completed as a replica. */
  get lastSync(): SyncStatistics | undefined {
    return this.lastStatistics;
  }

  get replicas(): readonly ReplicaView[] {
    return [...this.feeds.feeds].map((feed) => {
      const node = this.instance.topology?.nodes.find((candidate) => candidate.name === feed.name);
      const { host, port } = node ?? { host: '', port: 0 };
      const { ackOffset, isInSync: inSync, silentMs } = feed;
      return { name: feed.name, host, port, ackOffset, inSync, silentMs };
    });
  }

  get master(): { readonly host: string; readonly port: number; readonly state: string } | undefined {
    if (this.role === 'master') return undefined;
    const { self, topology } = this.instance;
    const node = topology?.nodes.find((candidate) => candidate.name === self?.masterName);
    const state = this.isInSync ? 'connected' : this.isLinkUp ? 'sync' : 'connect';
    return { host: node?.host ?? '', port: node?.port ?? 0, state };
  }

  /** To be called steadily: closes the links of replicas that are over the soft limit of their output. */
  dropSlowReplicas(nowMs: number): void {
    this.slowReplicas.drop(this.feeds.feeds, this.instance.config.outputLimits.replica, nowMs);
  }

  /** How much of the log each replica that follows it has applied. */
  *acknowledgedOffsets(): Iterable<number> {
    for (const feed of this.feeds.feeds) if (feed.state === 'streaming') yield feed.ackOffset;
  }

  /** Has the replicas tell how far they are. RedNode's own do so after every batch; Redis's once a second, unless asked. */
  requestAcknowledgements(): void {
    for (const feed of this.feeds.feeds) {
      if (!feed.wantsRequests) continue;
      this.log.appendCommand(['REPLCONF', 'GETACK', '*']);
      return;
    }
  }

  /** Serves a replica at the other end of the socket. */
  serve(name: string, socket: Duplex): void {
    for (const feed of this.feeds.feeds) if (feed.name === name) feed.close('replaced by a new link');
    const { instance } = this;
    const { logger } = instance;
    this.feeds.attach(socket, name, {
      onAck: () => {
        instance.acknowledgements.review();
      },
      onStateChange: (feed) => {
        this.countSync(feed);
        instance.acknowledgements.review();
        if (feed.state === 'closed') logger.warn({ replica: name, reason: feed.closeReason }, 'replica link closed');
        else logger.debug({ replica: name, state: feed.state }, 'replica link');
      },
    });
  }

  private countSync({ state, syncKind, wasTooSlow }: ReplicaFeed): void {
    const { statistics } = this.instance;
    if (wasTooSlow) statistics.outputLimitDisconnections++;
    if (state === 'queued') {
      statistics.fullSyncs++;
      if (syncKind === 'refused') statistics.refusedPartialSyncs++;
    } else if (state === 'streaming' && syncKind === 'resumed') statistics.partialSyncs++;
  }

  /** Follows the master at the other end of the socket. */
  follow(master: string, socket: Duplex): void {
    this.becomeReplica();
    this.feeds.close('this node is a replica now');
    this.link?.close('replaced by a new link');
    const { store, logger, dispatcher, config } = this.instance;
    this.link = new ReplicaLink({
      duplex: socket,
      log: this.log,
      store,
      timings: { timeoutMs: config.replicationTimeoutMs },
      apply: (database, request) => {
        dispatcher.apply(store.keyspace(database), request);
      },
      onStateChange: (link) => {
        if (link !== this.link) return;
        if (link.state === 'lost') {
          this.linkLostAtMs ??= this.instance.clock.now();
          logger.warn({ master, reason: link.lostReason }, 'link to the master lost');
        }
        if (link.state === 'in-sync') {
          this.linkLostAtMs = undefined;
          this.lastStatistics = link.lastSync;
          logger.info({ master, ...link.lastSync }, 'in sync with the master');
        }
        if (link.state === 'in-sync' || link.state === 'lost') this.onSync(link.state);
      },
    });
  }

  /** Takes no more writes. Its replicas go on reading what it has logged, since one of them is to take over. */
  becomeReplica(): void {
    this.instance.store.isMaster = false;
    this.instance.acknowledgements.abandon();
  }

  /** Applies all that a master which is gone, or takes no more writes, still sent. `masterOffset`: the end of its log, where it is known. */
  async catchUp(masterOffset?: number): Promise<void> {
    if (masterOffset === undefined || this.offset < masterOffset) await this.link?.drain(PROMOTION_DRAIN_TIMEOUT_MS);
  }

  /** Takes over from its master; to be called after `catchUp`. */
  promote(): void {
    if (this.role === 'master') return;
    const link = this.link;
    this.link = undefined;
    link?.close('promoted to master');
    this.instance.store.isMaster = true;
    this.log.startNewHistory();
  }

  /** Ends all links; as a master, once its replicas have what it logged, or the time is over. */
  async close(): Promise<void> {
    if (this.role === 'master') await this.feeds.drain(SHUTDOWN_DRAIN_TIMEOUT_MS);
    const link = this.link;
    this.link = undefined;
    link?.close('shutting down');
    this.feeds.close('shutting down');
  }
}

/** How much of its past the log keeps, and for how slow a replica. */
function limitsOf({ backlogBytes, outputLimits }: ServerConfig): { backlogBytes: number; maxPinnedBytes: number } {
  const { hardBytes } = outputLimits.replica;
  return { backlogBytes, maxPinnedBytes: hardBytes === 0 ? Infinity : hardBytes };
}
