/** The tenants of this node at work: takes over changes of the registry, with all that follows for keys, limits and connections. */
import type { TenantEffect, TenantRecord, TenantToken } from '../ipc/messages.js';
import { SLOT_COUNT } from '../topology/topology.js';
import { slotCountOf } from '../topology/ranges.js';
import { limitsOnNode } from '../tenancy/limits.js';
import { isExpired, type Principal, type Tenant } from '../tenancy/registry.js';
import type { Instance } from './instance.js';
import type { Session } from './session.js';
import type { TenantQuota } from './tenant-quota.js';
import { TenantUsage } from './tenant-usage.js';

export class TenantActivity {
  /** Of the tenants that were used here: 10,000 that sleep cost nothing. */
  private readonly byDatabase = new Map<number, TenantUsage>();
  /** When the next token expires that a connection came in with. */
  private nextExpiryMs = Infinity;

  constructor(private readonly instance: Instance) {}

  /** The counters of a tenant, made on demand. */
  usageOf(tenant: Tenant): TenantUsage {
    let usage = this.byDatabase.get(tenant.database);
    if (usage === undefined) {
      this.byDatabase.set(tenant.database, (usage = new TenantUsage(tenant)));
      this.setLimits(usage);
    }
    return usage;
  }

  /** Undefined for a tenant that was never used here. */
  findUsage(database: number): TenantUsage | undefined {
    return this.byDatabase.get(database);
  }

  /** What limits the keys of a database that a connection is in. */
  quotaOf(database: number): TenantQuota | undefined {
    return this.byDatabase.get(database)?.quota;
  }

  /** Takes over the whole registry; tenants that are gone lose their keys and connections. */
  applyAll(records: readonly TenantRecord[]): void {
    const kept = new Set(records.map((record) => record.database));
    const { registry } = this.instance;
    for (const { database } of registry.list()) {
      if (database !== registry.defaultTenant.database && !kept.has(database)) this.apply({ op: 'remove', database });
    }
    for (const record of records) this.apply({ op: 'put', record });
  }

  apply(effect: TenantEffect): void {
    if (effect.op === 'put') this.put(effect.record);
    else if (effect.op === 'remove') this.remove(effect.database);
    else this.flush(effect.database);
  }

  /** To be called when this node's part of the slots has changed. */
  refreshShares(): void {
    for (const usage of this.byDatabase.values()) this.setLimits(usage);
  }

  /** The error for a connection that would be one too many of its tenant, or undefined. */
  connectionRefusal({ tenant, isAdmin }: Principal, current: TenantUsage): string | undefined {
    if (isAdmin || tenant.record.limits.maxConnections === undefined) return undefined;
    const usage = this.usageOf(tenant);
    if (usage === current || usage.connections < usage.maxConnections) return undefined;
    usage.rejectedConnections++;
    return `ERR max number of clients reached: tenant '${tenant.name}' is at its MAXCONNECTIONS of ${usage.maxConnections} on this node`;
  }

  /** To be told of every token that lets a connection in. */
  entered({ tenant, token }: Principal): void {
    if (token === undefined) return;
    this.usageOf(tenant).tokenUsed(token.id, this.instance.nowMs);
    if (token.expiresAtMs !== undefined) this.nextExpiryMs = Math.min(this.nextExpiryMs, token.expiresAtMs);
  }

  /** Ends the connections whose token has expired. */
  closeExpired(nowMs: number): void {
    if (nowMs < this.nextExpiryMs) return;
    this.nextExpiryMs = Infinity;
    for (const session of [...this.instance.sessions]) {
      const token = session.principal?.token;
      if (token?.expiresAtMs === undefined) continue;
      if (isExpired(token, nowMs)) session.destroy();
      else this.nextExpiryMs = Math.min(this.nextExpiryMs, token.expiresAtMs);
    }
  }

  private put(record: TenantRecord): void {
    const { registry } = this.instance;
    const before = registry.findDatabase(record.database)?.record;
    const tenant = registry.put(record);
    if (before === undefined) return;
    const usage = this.byDatabase.get(record.database);
    if (usage !== undefined) this.setLimits(usage);
    const isRevoked = (token: TenantToken): boolean => record.tokens.every(({ id }) => id !== token.id);
    if (!before.tokens.some(isRevoked)) return;
    this.closeSessions((session) => {
      const { principal } = session;
      return principal?.tenant === tenant && principal.token !== undefined && isRevoked(principal.token);
    });
  }

  private remove(database: number): void {
    const tenant = this.instance.registry.remove(database);
    if (tenant === undefined) return;
    this.closeSessions((session) => session.keyspace.database === database || session.principal?.tenant === tenant);
    this.byDatabase.delete(database);
    this.instance.store.drop(database);
    this.logFlush(database);
  }

  /** A replica hears of it from its master's log. */
  private flush(database: number): void {
    const { store, replication } = this.instance;
    if (replication.role === 'replica') return;
    const keyspace = store.find(database);
    if (keyspace === undefined || keyspace.size === 0) return;
    keyspace.clear();
    this.logFlush(database);
  }

  /** Writes that were under way reach the replicas before the flush does, so that none outlives its tenant there. */
  private logFlush(database: number): void {
    const { log, role } = this.instance.replication;
    if (role === 'replica' || !log.isActive) return;
    log.selectDatabase(database);
    log.appendCommand(['FLUSHDB']);
  }

  private closeSessions(isMeant: (session: Session) => boolean): void {
    for (const session of [...this.instance.sessions]) if (isMeant(session)) session.destroy();
  }

  private setLimits(usage: TenantUsage): void {
    const { limits } = usage.tenant.record;
    usage.setLimits(limits, limitsOnNode(limits, this.slotShare));
    const keyspace = this.instance.store.find(usage.tenant.database);
    if (keyspace !== undefined) keyspace.quota = usage.quota;
  }

  /** Of all slots, those that this node serves, or as a replica its master does. */
  private get slotShare(): number {
    const { topology, self } = this.instance;
    if (topology === undefined || self === undefined) return 1;
    const master = self.role === 'master' ? self : topology.nodes.find(({ name }) => name === self.masterName);
    return slotCountOf((master ?? self).slots) / SLOT_COUNT;
  }
}
