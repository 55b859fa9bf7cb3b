/** Servers in this process, a replica linked to a master over sockets, and inline commands to both. */
import { startServer, type RunningServer, type StartOptions } from '../../src/server/server.js';
import { socketPair } from '../replication/duplex-pairs.js';
import { eventually } from '../support/eventually.js';
import { RawConnection } from '../support/raw-connection.js';

/** Sends inline commands at once and returns their replies as text. */
export async function ask(connection: RawConnection, ...commands: string[]): Promise<string[]> {
  connection.send(commands.map((command) => `${command}\r\n`).join(''));
  return (await connection.replies(commands.length)).map((reply) => reply.toString().trimEnd());
}

/** Stops and closes all that it started. */
export class TestServers {
  private readonly servers: RunningServer[] = [];
  private readonly connections: RawConnection[] = [];

  async start(options: StartOptions = {}): Promise<RunningServer> {
    const server = await startServer({ port: 0, ...options });
    this.servers.push(server);
    return server;
  }

  async connect({ port }: RunningServer): Promise<RawConnection> {
    const connection = await RawConnection.open(port);
    this.connections.push(connection);
    return connection;
  }

  /** A connection that is in a tenant of this name, which is made if it is not there. */
  async connectAs(server: RunningServer, tenant: string): Promise<RawConnection> {
    const admin = await this.connect(server);
    const [token] = await ask(admin, `TENANT CREATE ${tenant}`);
    const connection = await this.connect(server);
    await ask(connection, `AUTH ${tenant} ${token.split('\r\n')[1]}`);
    return connection;
  }

  /** Resolves when the replica is in sync. */
  async link(master: RunningServer, replica: RunningServer): Promise<void> {
    const [near, far] = await socketPair();
    master.instance.replication.serve('replica', near);
    replica.instance.replication.follow('master', far);
    await eventually(() => replica.instance.replication.isInSync);
  }

  async stop(): Promise<void> {
    for (const connection of this.connections.splice(0)) await connection[Symbol.asyncDispose]();
    for (const server of this.servers.splice(0)) await server.stop();
  }
}

/** Until the replica has applied all that its master has logged. */
export async function untilEven(master: RunningServer, replica: RunningServer): Promise<void> {
  await eventually(() => replica.instance.replication.offset === master.instance.replication.offset);
}
