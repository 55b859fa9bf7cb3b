/** Creates tenants over a connection of the admin's, the way any client would. */
import { Connection } from '../client/connection.js';
import { addressOf, type Address } from '../client/endpoint.js';
import { ExitCode, RedNodeError } from '../errors.js';
import { limitWords } from './options.js';
import { urlOf, type Credentials } from './urls.js';
import type { Tenant, TenantLimits } from './types.js';

const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 15_000;

/** Nodes to ask, in this order: the first that answers carries the command out for all. */
export class TenantAdmin {
  constructor(
    private readonly addresses: () => readonly Address[],
    private readonly admin: Credentials | undefined,
  ) {}

  /** Throws BAD_OPTION, TENANT_REFUSED, and UNREACHABLE when no node answers. */
  async create(name: string, limits: TenantLimits = {}): Promise<Tenant> {
    const words = limitWords(limits);
    const connection = await this.connect();
    try {
      return await this.createOver(connection, name, words);
    } finally {
      await connection.close();
    }
  }

  /** By name. Throws as `create` does. */
  async createAll(names: readonly string[]): Promise<Record<string, Tenant>> {
    if (names.length === 0) return {};
    const connection = await this.connect();
    try {
      const tenants = await Promise.all(names.map((name) => this.createOver(connection, name)));
      return Object.fromEntries(tenants.map((tenant) => [tenant.name, tenant]));
    } finally {
      await connection.close();
    }
  }

  private async createOver(connection: Connection, name: string, limits: readonly string[] = []): Promise<Tenant> {
    const reply = await connection.send(['TENANT', 'CREATE', name, ...limits]);
    if (reply.type !== 'bulk')
      throw refused(name, reply.type === 'error' ? reply.value : `a reply of type ${reply.type}`);
    const token = reply.value.toString();
    return { name, token, url: urlOf(connection.endpoint, { username: name, password: token }) };
  }

  private async connect(): Promise<Connection> {
    const failures: unknown[] = [];
    for (const { host, port } of this.addresses()) {
      try {
        const options = { connectTimeoutMs: CONNECT_TIMEOUT_MS, commandTimeoutMs: COMMAND_TIMEOUT_MS };
        return await Connection.connect({ host, port, ...this.admin }, options);
      } catch (error) {
        failures.push(error);
      }
    }
    const tried = this.addresses().map(addressOf).join(', ');
    throw new RedNodeError('UNREACHABLE', `no node answers (tried ${tried})`, ExitCode.unreachable, {
      cause: new AggregateError(failures),
    });
  }
}

function refused(name: string, answer: string): RedNodeError {
  const reason = answer.replace(/^ERR /, '');
  return new RedNodeError('TENANT_REFUSED', `cannot create tenant ${name}: ${reason}`, ExitCode.serverError);
}
