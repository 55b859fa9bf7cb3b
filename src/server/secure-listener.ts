/** Listens for TLS, and hands on the connections whose handshake is done. */
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { TlsConfig } from '../config/tls-config.js';
import type { Instance } from './instance.js';
import { isClientAccepted, tlsServerOptions } from './tls.js';

/** What TLS itself allows a handshake, where the node has no limit of its own. */
const HANDSHAKE_TIMEOUT_MS = 120_000;

export class SecureListener {
  readonly server: Server;
  /** Connections amid their handshake, by the peer's address: they take their places among the clients, so that they cannot be had for nothing. */
  private readonly shaking = new Map<string, Socket>();

  /** Throws what `tlsServerOptions` throws. */
  constructor(
    private readonly instance: Instance,
    private readonly config: TlsConfig,
    private readonly accept: (socket: TLSSocket) => void,
  ) {
    const { authenticationTimeoutMs } = instance.config;
    this.server = createServer({
      ...tlsServerOptions(config),
      noDelay: true,
      handshakeTimeout: authenticationTimeoutMs > 0 ? authenticationTimeoutMs : HANDSHAKE_TIMEOUT_MS,
    });
    this.server.on('connection', (raw: Socket) => {
      this.begin(raw);
    });
    this.server.on('secureConnection', (socket) => {
      this.finish(socket);
    });
    this.server.on('tlsClientError', (error, socket) => {
      instance.statistics.tlsHandshakeFailures++;
      instance.logger.debug({ err: error, address: socket.remoteAddress }, 'TLS handshake failed');
      socket.destroy();
    });
  }

  /** How many connections are amid their handshake. */
  get pending(): number {
    return this.shaking.size;
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends the handshakes that are under way. */
  drop(): void {
    for (const raw of this.shaking.values()) raw.destroy();
  }

  private begin(raw: Socket): void {
    const { sessions, config, statistics } = this.instance;
    // What could be said before the handshake is not TLS, and not understood.
    if (sessions.size + this.pending >= config.maxClients) {
      statistics.rejectedConnections++;
      raw.destroy();
      return;
    }
    raw.setKeepAlive(config.keepAliveMs > 0, config.keepAliveMs);
    const peer = peerOf(raw);
    this.shaking.set(peer, raw);
    raw.once('close', () => {
      if (this.shaking.get(peer) === raw) this.shaking.delete(peer);
    });
  }

  private finish(socket: TLSSocket): void {
    this.shaking.delete(peerOf(socket));
    if (isClientAccepted(socket, this.config)) {
      this.accept(socket);
      return;
    }
    this.instance.statistics.tlsHandshakeFailures++;
    this.instance.logger.debug({ err: socket.authorizationError }, 'client certificate refused');
    socket.destroy();
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? 0}`;
}
