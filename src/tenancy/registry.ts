/** The tenants that a node knows, and who may enter which. */
import type { TenantRecord, TenantToken } from '../ipc/messages.js';
import { DEFAULT_DATABASE, DEFAULT_TENANT } from './names.js';
import { scopeOf, type TokenScope } from './scope.js';
import { hashSecret, matchesAny, matchingToken } from './tokens.js';

const WRONG_CREDENTIALS = 'WRONGPASS invalid username-password pair or user is disabled.';
const NO_PASSWORD_CONFIGURED =
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?';

/** Compared against where there is no such tenant, so that the time taken does not tell which names exist. */
const decoyTokens: readonly TenantToken[] = [{ id: '', hash: hashSecret(''), createdAtMs: 0 }];

/** A tenant as long as it exists, whatever becomes of its name, tokens and limits. */
export class Tenant {
  constructor(public record: TenantRecord) {}

  get name(): string {
    return this.record.name;
  }

  get database(): number {
    return this.record.database;
  }
}

/** Who a connection is: the admin, or one tenant by one of its tokens. */
export interface Principal {
  readonly tenant: Tenant;
  readonly isAdmin: boolean;
  /** What a tenant came in with. */
  readonly token?: TenantToken | undefined;
  /** What the token is for; absent: all that a tenant may do. */
  readonly scope?: TokenScope | undefined;
}

export type Authentication = { readonly principal: Principal } | { readonly refusal: string };

export class TenantRegistry {
  readonly defaultTenant = new Tenant({
    name: DEFAULT_TENANT,
    database: DEFAULT_DATABASE,
    tokens: [],
    limits: {},
    createdAtMs: 0,
  });
  private readonly byName = new Map<string, Tenant>([[DEFAULT_TENANT, this.defaultTenant]]);
  private readonly byDatabase = new Map<number, Tenant>([[DEFAULT_DATABASE, this.defaultTenant]]);
  private readonly admin: Principal = { tenant: this.defaultTenant, isAdmin: true };

  constructor(
    /** Hash of the admin password; without one the node is open to anyone who reaches it. */
    readonly adminPasswordHash: string | undefined,
  ) {}

  get isOpen(): boolean {
    return this.adminPasswordHash === undefined;
  }

  /** What a new connection is before it authenticates: the admin on an open node, nobody otherwise. */
  get initialPrincipal(): Principal | undefined {
    return this.isOpen ? this.admin : undefined;
  }

  get size(): number {
    return this.byDatabase.size;
  }

  find(name: string): Tenant | undefined {
    return this.byName.get(name);
  }

  findDatabase(database: number): Tenant | undefined {
    return this.byDatabase.get(database);
  }

  /** Every tenant, `default` first, then in the order of their making. */
  list(): Tenant[] {
    return [...this.byDatabase.values()];
  }

  /** Takes over a record: of a new tenant, or of one that is known by its database number. */
  put(record: TenantRecord): Tenant {
    const known = this.byDatabase.get(record.database);
    if (known === undefined) {
      const tenant = new Tenant(record);
      this.byDatabase.set(record.database, tenant);
      this.byName.set(record.name, tenant);
      return tenant;
    }
    this.forgetName(known);
    known.record = record;
    this.byName.set(record.name, known);
    return known;
  }

  /** The tenant that is gone; undefined when there was none. */
  remove(database: number): Tenant | undefined {
    const tenant = this.byDatabase.get(database);
    if (tenant === undefined || tenant === this.defaultTenant) return undefined;
    this.byDatabase.delete(database);
    this.forgetName(tenant);
    return tenant;
  }

  private forgetName(tenant: Tenant): void {
    if (this.byName.get(tenant.name) === tenant) this.byName.delete(tenant.name);
  }

  /** @param nowMs Since the epoch: tokens past their end let nobody in. */
  authenticate(username: string | undefined, password: Uint8Array, nowMs: number): Authentication {
    const isDefault = username === undefined || username === DEFAULT_TENANT;
    return isDefault ? this.authenticateAdmin(username, password) : this.authenticateTenant(username, password, nowMs);
  }

  private authenticateAdmin(username: string | undefined, password: Uint8Array): Authentication {
    if (this.adminPasswordHash === undefined) {
      return username === undefined ? { refusal: NO_PASSWORD_CONFIGURED } : { principal: this.admin };
    }
    if (!matchesAny(password, [this.adminPasswordHash])) return { refusal: WRONG_CREDENTIALS };
    return { principal: this.admin };
  }

  private authenticateTenant(username: string, password: Uint8Array, nowMs: number): Authentication {
    const tenant = this.byName.get(username);
    const token = matchingToken(password, tenant?.record.tokens ?? decoyTokens);
    if (tenant === undefined || token === undefined || isExpired(token, nowMs)) return { refusal: WRONG_CREDENTIALS };
    return { principal: { tenant, isAdmin: false, token, scope: scopeOf(token) } };
  }
}

export function isExpired({ expiresAtMs }: TenantToken, nowMs: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= nowMs;
}
