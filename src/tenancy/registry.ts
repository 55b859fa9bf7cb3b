/** The tenants that a node knows, and who may enter which. */
import type { TenantRecord } from '../ipc/messages.js';
import { hashSecret, matchesAny } from './tokens.js';

export const DEFAULT_TENANT = 'default';
const DEFAULT_DATABASE = 0;

const WRONG_CREDENTIALS = 'WRONGPASS invalid username-password pair or user is disabled.';
const NO_PASSWORD_CONFIGURED =
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?';
const NAME_RULE = /^[a-z0-9][a-z0-9_.-]{0,62}$/i;

/** Compared against where there is no such tenant, so that the time taken does not tell which names exist. */
const decoyHashes: readonly string[] = [hashSecret('')];

/** Who a connection is: the admin, or one tenant. */
export interface Principal {
  readonly tenant: TenantRecord;
  readonly isAdmin: boolean;
}

export type Authentication = { readonly principal: Principal } | { readonly refusal: string };

const defaultTenant: TenantRecord = {
  name: DEFAULT_TENANT,
  database: DEFAULT_DATABASE,
  tokenHashes: [],
  createdAtMs: 0,
};

/** The error for a name that cannot be one, or undefined. */
export function nameRefusal(name: string): string | undefined {
  if (NAME_RULE.test(name)) return undefined;
  return `ERR invalid tenant name '${name}': 1 to 63 letters, digits, '_', '.' or '-', beginning with a letter or digit`;
}

export class TenantRegistry {
  private readonly byName = new Map<string, TenantRecord>([[DEFAULT_TENANT, defaultTenant]]);

  constructor(
    /** Hash of the admin password; without one the node is open to anyone who reaches it. */
    readonly adminPasswordHash: string | undefined,
  ) {}

  get isOpen(): boolean {
    return this.adminPasswordHash === undefined;
  }

  /** What a new connection is before it authenticates: the admin on an open node, nobody otherwise. */
  get initialPrincipal(): Principal | undefined {
    return this.isOpen ? { tenant: defaultTenant, isAdmin: true } : undefined;
  }

  get defaultTenant(): TenantRecord {
    return defaultTenant;
  }

  find(name: string): TenantRecord | undefined {
    return this.byName.get(name);
  }

  /** Every tenant, `default` first. */
  list(): TenantRecord[] {
    return [...this.byName.values()];
  }

  /** Takes over what the registry holds now; returns the tenants that are gone. */
  replaceAll(records: readonly TenantRecord[]): TenantRecord[] {
    const kept = new Set(records.map((record) => record.database));
    const dropped = this.list().filter((tenant) => tenant !== defaultTenant && !kept.has(tenant.database));
    this.byName.clear();
    this.byName.set(DEFAULT_TENANT, defaultTenant);
    for (const record of records) this.byName.set(record.name, record);
    return dropped;
  }

  authenticate(username: string | undefined, password: Uint8Array): Authentication {
    const isDefault = username === undefined || username === DEFAULT_TENANT;
    return isDefault ? this.authenticateAdmin(username, password) : this.authenticateTenant(username, password);
  }

  private authenticateAdmin(username: string | undefined, password: Uint8Array): Authentication {
    if (this.adminPasswordHash === undefined) {
      if (username === undefined) return { refusal: NO_PASSWORD_CONFIGURED };
      return { principal: { tenant: defaultTenant, isAdmin: true } };
    }
    if (!matchesAny(password, [this.adminPasswordHash])) return { refusal: WRONG_CREDENTIALS };
    return { principal: { tenant: defaultTenant, isAdmin: true } };
  }

  private authenticateTenant(username: string, password: Uint8Array): Authentication {
    const tenant = this.byName.get(username);
    const matches = matchesAny(password, tenant?.tokenHashes ?? decoyHashes);
    if (tenant === undefined || !matches) return { refusal: WRONG_CREDENTIALS };
    return { principal: { tenant, isAdmin: false } };
  }
}
