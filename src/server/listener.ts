/** Accepts client connections, plain and TLS, and hands their bytes to sessions. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { refusalOf, refuse } from './admission.js';
import type { Instance } from './instance.js';
import { readChunks, readInPlace } from './read-in-place.js';
import { SecureListener } from './secure-listener.js';
import { Session } from './session.js';

export class Listener {
  private readonly plain: Server | undefined;
  private readonly secure: SecureListener | undefined;
  private nextId = 1;
  private onLastClosed = (): void => undefined;

  constructor(
    private readonly instance: Instance,
    private readonly isBackground: boolean,
  ) {
    const { tls } = instance.config;
    if (tls !== undefined) {
      this.secure = new SecureListener(instance, tls, (socket) => {
        this.accept(socket, true);
      });
    }
    if (tls?.isOnly === true) return;
    this.plain = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
      const { keepAliveMs } = instance.config;
      socket.setKeepAlive(keepAliveMs > 0, keepAliveMs);
      this.accept(socket, false);
    });
  }

  /** Rejects with the system error when an address cannot be had; then nothing is listened on. */
  async listen(): Promise<void> {
    const { instance, plain, secure } = this;
    const { port, tls } = instance.config;
    if (plain !== undefined) {
      await this.bind(plain, port);
      instance.port = (plain.address() as AddressInfo).port;
    }
    if (secure === undefined || tls === undefined) return;
    try {
      await this.bind(secure.server, tls.port);
    } catch (error) {
      plain?.close();
      throw error;
    }
    instance.tlsPort = secure.port;
  }

  private bind(server: Server, port: number): Promise<void> {
    const { host, tcpBacklog } = this.instance.config;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, backlog: tcpBacklog }, () => {
        server.removeListener('error', reject);
        server.on('error', (error) => {
          this.instance.logger.error({ err: error }, 'listener failed');
        });
        if (this.isBackground) server.unref();
        resolve();
      });
    });
  }

  private accept(accepted: Socket, isSecure: boolean): void {
    const { instance } = this;
    const refusal = refusalOf(instance, accepted, this.secure?.pending ?? 0);
    if (refusal !== undefined) {
      instance.statistics.rejectedConnections++;
      this.ignoreErrors(accepted);
      refuse(accepted, refusal);
      return;
    }
    instance.statistics.connectionsReceived++;
    const read = isSecure ? readChunks : readInPlace;
    const socket = read(accepted, (bytes, length) => {
      session.receive(bytes, length);
    });
    const session = new Session(this.nextId++, socket, instance, isSecure);
    this.ignoreErrors(socket);
    if (this.isBackground) socket.unref();
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
    const closed = Promise.all([closedServer(this.plain), closedServer(this.secure?.server)]);
    this.secure?.drop();
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

function closedServer(server: Server | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (server === undefined) resolve();
    else server.close(() => resolve());
  });
}
