/** Accepts client connections and hands their bytes to sessions. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Instance } from './instance.js';
import { readInPlace } from './read-in-place.js';
import { Session } from './session.js';

export class Listener {
  private readonly server: Server;
  private nextId = 1;
  private onLastClosed = (): void => undefined;

  constructor(private readonly instance: Instance) {
    this.server = createServer({ noDelay: true, keepAlive: true, pauseOnConnect: true }, (socket) => {
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

  private accept(accepted: Socket): void {
    const { instance } = this;
    if (instance.sessions.size >= instance.config.maxClients) {
      instance.statistics.rejectedConnections++;
      this.ignoreErrors(accepted);
      accepted.resume();
      accepted.end('-ERR max number of clients reached\r\n');
      return;
    }
    instance.statistics.connectionsReceived++;
    const socket = readInPlace(accepted, (bytes, length) => {
      session.receive(bytes, length);
    });
    const session = new Session(this.nextId++, socket, instance);
    this.ignoreErrors(socket);
    instance.sessions.add(session);
    socket.once('close', () => {
      instance.sessions.delete(session);
      session.dispose();
      if (instance.sessions.size === 0) this.onLastClosed();
    });
    socket.resume();
  }

  /** Errors of a connection end it, and 'close' follows: that is all there is to do about them. */
  private ignoreErrors(socket: Socket): void {
    socket.on('error', (error) => {
      this.instance.logger.debug({ err: error }, 'connection error');
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
    const drained = new Promise<void>((resolve) => {
      this.onLastClosed = resolve;
      if (sessions.size === 0) resolve();
    });
    for (const session of sessions) session.end();
    const deadline = setTimeout(() => {
      for (const session of sessions) session.destroy();
    }, config.drainTimeoutMs);
    await Promise.all([closed, drained]);
    clearTimeout(deadline);
  }
}
