/** One connection for each node, opened on demand, all of them in the same tenant. */
import type { RedNodeError } from '../errors.js';
import { Connection } from './connection.js';
import { authenticationFailed, connectionClosed } from './connection-errors.js';
import { addressOf, type Address } from './endpoint.js';
import type { ClientOptions, CommandWords, Endpoint } from './types.js';

interface Entry {
  readonly opening: Promise<Connection>;
  /** Set once it is open and in the tenant. */
  ready?: Connection;
}

/** Who the client is to the servers: credentials, and the tenant that it entered with them. */
interface Identity {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tenant: string | undefined;
}

export interface ConnectionEvents {
  /** A connection broke by itself. */
  lost(address: Address, error: RedNodeError): void;
  /** A node is connected to again after its connection was lost. */
  reconnected(address: Address): void;
}

export class NodeConnections {
  private readonly entries = new Map<string, Entry>();
  private readonly lostAddresses = new Set<string>();
  private identity: Identity;
  private isClosed = false;

  constructor(
    private readonly options: ClientOptions,
    private readonly events: ConnectionEvents,
  ) {
    const { username, password } = options.endpoint;
    this.identity = { username, password, tenant: undefined };
  }

  /** The open connection to a node, or a new one. Throws as `Connection.connect` does. */
  async get(address: Address, timeoutMs = this.options.connectTimeoutMs): Promise<Connection> {
    if (this.isClosed) throw connectionClosed(address);
    const key = addressOf(address);
    const known = this.entries.get(key);
    if (known !== undefined) return known.ready ?? known.opening;
    const entry: Entry = { opening: this.open(address, timeoutMs) };
    this.entries.set(key, entry);
    try {
      const connection = await entry.opening;
      await this.admit(key, entry, connection);
      return connection;
    } catch (error) {
      this.forget(key, entry);
      throw error;
    }
  }

  /** A connection of the caller's own, in the same tenant; closed by the caller. */
  open(address: Address, timeoutMs = this.options.connectTimeoutMs): Promise<Connection> {
    return this.openAs(this.identity, address, timeoutMs);
  }

  /** Nodes with an open connection. */
  openAddresses(): Address[] {
    return this.ready().map(({ endpoint }) => endpoint);
  }

  /** Closes the connection to a node; the next command opens another. */
  async drop(address: Address): Promise<void> {
    const key = addressOf(address);
    const connection = this.entries.get(key)?.ready;
    this.entries.delete(key);
    await connection?.close();
  }

  /**
   * Authenticates anew everywhere, beginning with `first`: what that refuses changes nothing.
   * @throws RedNodeError AUTH_FAILED with the server's text
   */
  authenticate(first: Address, username: string | undefined, password: string): Promise<void> {
    const words = username === undefined ? ['AUTH', password] : ['AUTH', username, password];
    return this.becomeEverywhere(first, words, { username, password, tenant: undefined });
  }

  /** Enters a tenant everywhere with the present credentials. Throws as `authenticate`. */
  selectTenant(first: Address, tenant: string): Promise<void> {
    return this.becomeEverywhere(first, ['TENANT', 'USE', tenant], { ...this.identity, tenant });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const open = this.ready();
    this.entries.clear();
    await Promise.all(open.map((connection) => connection.close()));
  }

  private async becomeEverywhere(first: Address, words: CommandWords, identity: Identity): Promise<void> {
    const leader = await this.get(first);
    const reply = await leader.send(words);
    if (reply.type === 'error') throw authenticationFailed(first, reply.value);
    this.identity = identity;
    await Promise.all(
      this.ready()
        .filter((connection) => connection !== leader)
        .map((connection) => this.follow(connection, words)),
    );
  }

  /** A connection that does not follow is closed: its successor begins with the new identity, or says why not. */
  private async follow(connection: Connection, words: CommandWords): Promise<void> {
    const outcome = await connection.send(words).catch((error: unknown) => error as RedNodeError);
    if ('type' in outcome && outcome.type !== 'error') return;
    await this.drop(connection.endpoint);
  }

  private ready(): Connection[] {
    return [...this.entries.values()].flatMap(({ ready }) => (ready === undefined ? [] : [ready]));
  }

  private async openAs(identity: Identity, { host, port }: Address, timeoutMs: number): Promise<Connection> {
    const { username, password, tenant } = identity;
    const endpoint: Endpoint = { ...this.options.endpoint, host, port, username, password };
    const connection = await Connection.connect(endpoint, { ...this.options, connectTimeoutMs: timeoutMs });
    const refusal = tenant === undefined ? undefined : await enterTenant(connection, tenant);
    // The client may have changed tenants meanwhile, or have been closed: such a connection is not given out.
    if (refusal === undefined && identity === this.identity && !this.isClosed) return connection;
    await connection.close();
    if (refusal !== undefined) throw authenticationFailed(endpoint, refusal);
    if (this.isClosed) throw connectionClosed(endpoint);
    return this.openAs(this.identity, endpoint, timeoutMs);
  }

  /** A connection that was dropped while it opened is closed; who waits for it finds that nothing was sent. */
  private async admit(key: string, entry: Entry, connection: Connection): Promise<void> {
    if (this.entries.get(key) !== entry) {
      await connection.close();
      return;
    }
    entry.ready = connection;
    if (this.lostAddresses.delete(key)) this.events.reconnected(connection.endpoint);
    void connection.closed.then((error) => {
      this.forget(key, entry);
      if (error === undefined || this.isClosed) return;
      this.lostAddresses.add(key);
      this.events.lost(connection.endpoint, error);
    });
  }

  private forget(key: string, entry: Entry): void {
    if (this.entries.get(key) === entry) this.entries.delete(key);
  }
}

async function enterTenant(connection: Connection, tenant: string): Promise<string | undefined> {
  const reply = await connection.send(['TENANT', 'USE', tenant]);
  return reply.type === 'error' ? reply.value : undefined;
}
