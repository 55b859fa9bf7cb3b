/** The tenants as commands see them: what the registry says, with what each holds on this node. */
import type { TenantInfo, TenantPort } from '../command-table/context.js';
import type { TenantChange, TenantRecord } from '../ipc/messages.js';
import type { TenantAuthority } from '../tenancy/authority.js';
import { nameRefusal } from '../tenancy/registry.js';
import { hashSecret, makeToken } from '../tenancy/tokens.js';
import type { Instance } from './instance.js';

export class TenantService implements TenantPort {
  authority: TenantAuthority | undefined;

  constructor(private readonly instance: Instance) {}

  list(): TenantInfo[] {
    return this.instance.registry.list().map((tenant) => this.describe(tenant));
  }

  info(name: string): TenantInfo | undefined {
    const tenant = this.instance.registry.find(name);
    return tenant === undefined ? undefined : this.describe(tenant);
  }

  private describe(tenant: TenantRecord): TenantInfo {
    const keyspace = this.instance.store.keyspace(tenant.database);
    let connections = 0;
    for (const session of this.instance.sessions) if (session.tenant === tenant.name) connections++;
    return {
      name: tenant.name,
      database: tenant.database,
      keys: keyspace.size,
      expires: keyspace.expiresCount,
      memoryBytes: keyspace.usedBytes,
      connections,
      createdAtMs: tenant.createdAtMs,
      tokens: tenant.tokenHashes.length,
    };
  }

  async create(name: string): Promise<string> {
    const refusal = nameRefusal(name);
    if (refusal !== undefined) throw new Error(refusal);
    const token = makeToken(name);
    await this.change({ op: 'create', name, tokenHash: hashSecret(token) });
    return token;
  }

  drop(name: string): Promise<void> {
    return this.change({ op: 'drop', name });
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
