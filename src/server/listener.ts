/** Accepts client connections and hands their bytes to sessions. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Instance } from './instance.js';
import { Session } from './session.js';

export class Listener {
  private readonly server: Server;
  private nextId = 1;

  constructor(private readonly instance: Instance) {
    this.server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
      this.accept(socket);
    });
  }

  /** Rejects with the system error when the address cannot be had. */
  listen(): Promise<void> {
    const { host, port, tcpBacklog } = this.instance.config;
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host, port, backlog: tcpBacklog }, () => {
        this.server.removeListener('error', reject);
        this.server.on('error', (error) => {
          this.instance.logger.error({ err: error }, 'listener failed');
        });
        this.instance.port = (this.server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  private accept(socket: Socket): void {
    const { instance } = this;
    // Errors of a connection end it, and 'close' follows: that is all there is to do about them.
    socket.on('error', (error) => {
      instance.logger.debug({ err: error }, 'connection error');
    });
    if (instance.sessions.size >= instance.config.maxClients) {
      instance.statistics.rejectedConnections++;
      socket.end('-ERR max number of clients reached\r\n');
      return;
    }
    instance.statistics.connectionsReceived++;
    const session = new Session(this.nextId++, socket, instance);
    instance.sessions.add(session);
    socket.on('data', (chunk: Buffer) => {
      session.receive(chunk);
    });
    socket.once('close', () => {
      instance.sessions.delete(session);
      session.dispose();
    });
  }

  /** Accepts no more, lets every connection take its last replies for at most `drainTimeoutMs`, then ends them. */
  async close(): Promise<void> {
    const { sessions, config } = this.instance;
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    for (const session of sessions) session.end();
    const deadline = setTimeout(() => {
      for (const session of sessions) session.destroy();
    }, config.drainTimeoutMs);
    await closed;
    clearTimeout(deadline);
  }
}
