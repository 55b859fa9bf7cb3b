/** The tenants as commands see them: what the registry says, with what each holds and does on this node. */
import type {
  TenantInfo,
  TenantLimitOptions,
  TenantPort,
  TenantStats,
  TenantTokenInfo,
  TenantTokenOptions,
} from '../command-table/context.js';
import type { TenantChange, TenantToken } from '../ipc/messages.js';
import type { TenantAuthority } from '../tenancy/authority.js';
import { splitLimits } from '../tenancy/limits.js';
import { nameRefusal } from '../tenancy/names.js';
import type { Tenant } from '../tenancy/registry.js';
import { isCommandRule } from '../tenancy/scope.js';
import { makeToken, tokenOf } from '../tenancy/tokens.js';
import type { Instance } from './instance.js';

const MS_PER_SECOND = 1000;
/** So many are described within a millisecond. */
const SLICE_NAMES = 200;

export class TenantService implements TenantPort {
  authority: TenantAuthority | undefined;

  constructor(private readonly instance: Instance) {}

  list(): string[] {
    return this.instance.registry.list().map((tenant) => tenant.name);
  }

  info(name: string): TenantInfo | undefined {
    const tenant = this.instance.registry.find(name);
    return tenant === undefined ? undefined : this.describe(tenant);
  }

  stats(name: string): TenantStats | undefined {
    const tenant = this.instance.registry.find(name);
    if (tenant === undefined) return undefined;
    const usage = this.instance.activity.findUsage(tenant.database);
    const keyspace = this.instance.store.find(tenant.database);
    return {
      commands: usage?.commands ?? 0,
      hits: keyspace?.hits ?? 0,
      misses: keyspace?.misses ?? 0,
      expired: keyspace?.expiredKeys ?? 0,
      evicted: keyspace?.evictedKeys ?? 0,
      throttledMs: usage?.throttledMs ?? 0,
      rejectedKeys: usage?.rejected.keys ?? 0,
      rejectedMemory: usage?.rejected.memory ?? 0,
      rejectedConnections: usage?.rejectedConnections ?? 0,
      inputBytes: usage?.inputBytes ?? 0,
      outputBytes: usage?.outputBytes ?? 0,
    };
  }

  tokens(name: string): TenantTokenInfo[] | undefined {
    const tenant = this.instance.registry.find(name);
    return tenant?.record.tokens.map((token) => this.describeToken(tenant, token));
  }

  private describe({ name, database, record }: Tenant): TenantInfo {
    const keyspace = this.instance.store.find(database);
    const { limits } = record;
    return {
      name,
      database,
      keys: keyspace?.size ?? 0,
      expires: keyspace?.expiresCount ?? 0,
      memoryBytes: keyspace?.usedBytes ?? 0,
      connections: this.instance.activity.findUsage(database)?.connections ?? 0,
      tokens: record.tokens.length,
      createdAtMs: record.createdAtMs,
      maxKeys: limits.maxKeys ?? 0,
      maxMemoryBytes: limits.maxMemoryBytes ?? 0,
      maxOpsPerSecond: limits.maxOpsPerSecond ?? 0,
      maxConnections: limits.maxConnections ?? 0,
      defaultTtlSeconds: limits.defaultTtlSeconds ?? 0,
      evict: limits.evict ?? 'noeviction',
    };
  }

  private describeToken(tenant: Tenant, token: TenantToken): TenantTokenInfo {
    const { activity, sessions } = this.instance;
    let connections = 0;
    for (const { principal } of sessions) {
      if (principal?.tenant === tenant && principal.token?.id === token.id) connections++;
    }
    return {
      id: token.id,
      createdAtMs: token.createdAtMs,
      expiresAtMs: token.expiresAtMs ?? 0,
      lastUsedAtMs: activity.findUsage(tenant.database)?.tokenLastUsedMs(token.id) ?? 0,
      connections,
      readOnly: token.readOnly === true,
      commands: token.commands ?? [],
      keys: token.keys ?? [],
    };
  }

  async create(name: string, options: TenantLimitOptions): Promise<string> {
    const refusal = nameRefusal(name);
    if (refusal !== undefined) throw new Error(refusal);
    const secret = makeToken(name);
    const token = tokenOf(secret, this.instance.clock.now());
    await this.change({ op: 'create', name, token, limits: splitLimits(options).limits });
    return secret;
  }

  limit(name: string, options: TenantLimitOptions): Promise<void> {
    return this.change({ op: 'limit', name, ...splitLimits(options) });
  }

  async addToken(name: string, options: TenantTokenOptions): Promise<readonly [string, string]> {
    const { expiresInSeconds, ...scope } = options;
    const nowMs = this.instance.clock.now();
    const expiresAtMs = expiresInSeconds === undefined ? undefined : nowMs + expiresInSeconds * MS_PER_SECOND;
    const secret = makeToken(name);
    const token = tokenOf(secret, nowMs, { ...scope, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) });
    await this.change({ op: 'add-token', name, token });
    return [token.id, secret];
  }

  revokeToken(name: string, id: string): Promise<void> {
    return this.change({ op: 'revoke-token', name, id });
  }

  rename(name: string, newName: string): Promise<void> {
    return this.change({ op: 'rename', name, newName });
  }

  flush(name: string): Promise<void> {
    return this.change({ op: 'flush', name });
  }

  drop(name: string): Promise<void> {
    return this.change({ op: 'drop', name });
  }

  async inSlices(names: readonly string[], visit: (name: string) => void): Promise<void> {
    for (let start = 0; start < names.length; start += SLICE_NAMES) {
      if (start > 0) await new Promise(setImmediate);
      for (const name of names.slice(start, start + SLICE_NAMES)) visit(name);
    }
  }

  isCommandRule(rule: string): boolean {
    return isCommandRule(rule);
  }

  private change(change: TenantChange): Promise<void> {
    if (this.authority === undefined) throw new Error('ERR tenants cannot be changed on this node');
    return withTimeout(this.authority.apply(change), this.instance.config.deferredTimeoutMs, change);
  }
}

async function withTimeout(work: Promise<void>, timeoutMs: number, change: TenantChange): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const what = `${change.op} of tenant '${change.name}'`;
      reject(new Error(`ERR ${what} not confirmed within ${timeoutMs} ms; TENANT LIST tells whether it took effect`));
    }, timeoutMs);
  });
  try {
    await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
