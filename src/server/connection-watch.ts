/**
 * Looks after all connections at a steady pace, those of replicas too: closes those that are silent for too long, do not
 * authenticate, do not read, or hold the most when all hold too much; and takes back the memory of those that are idle.
 */
import type { Instance } from './instance.js';
import type { Session } from './session.js';

const PERIOD_MS = 250;
/** A receive buffer that was not used for so long is given back. */
const IDLE_BUFFER_MS = 2000;

export class ConnectionWatch {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly instance: Instance) {}

  /** The timer does not keep the process alive: the listener does that, where it is wanted. */
  start(): void {
    this.timer = setInterval(() => {
      this.sweep();
    }, PERIOD_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** One round over all connections. */
  sweep(): void {
    const { sessions, clock, config } = this.instance;
    const now = clock.now();
    let totalBytes = 0;
    for (const session of sessions) {
      const reason = this.reasonToClose(session, now);
      if (reason !== undefined) this.close(session, reason);
      else totalBytes += session.memoryBytes;
      if (now - session.lastActiveMs > IDLE_BUFFER_MS) session.decoder.releaseIdleMemory();
    }
    this.instance.replication.dropSlowReplicas(now);
    if (config.clientsMemoryBytes > 0 && totalBytes > config.clientsMemoryBytes) this.evict(totalBytes);
  }

  private reasonToClose(session: Session, now: number): string | undefined {
    const { idleTimeoutMs, authenticationTimeoutMs, drainTimeoutMs } = this.instance.config;
    if (session.isLingering(now, drainTimeoutMs)) return 'it was ended, and kept its end open';
    const strangeForMs = session.isAuthenticated ? 0 : now - session.unauthenticatedSinceMs;
    if (authenticationTimeoutMs > 0 && strangeForMs > authenticationTimeoutMs) return 'it did not authenticate in time';
    if (idleTimeoutMs > 0 && session.mayTimeOut && now - session.activeMs(now) > idleTimeoutMs) return 'it was idle';
    return session.isOutputExceeded(now) ? 'it does not read what it is sent' : undefined;
  }

  /** The largest go first, until the others are within the limit. */
  private evict(totalBytes: number): void {
    const { sessions, config, statistics } = this.instance;
    const bySize = [...sessions]
      .filter((session) => session.isEvictable && !session.isGone)
      .map((session) => ({ session, bytes: session.memoryBytes }))
      .sort((left, right) => right.bytes - left.bytes);
    let left = totalBytes;
    for (const { session, bytes } of bySize) {
      if (left <= config.clientsMemoryBytes) return;
      left -= bytes;
      statistics.evictedClients++;
      this.close(session, 'clients hold more than maxmemory-clients');
    }
  }

  private close(session: Session, reason: string): void {
    this.instance.logger.info({ client: session.id, address: session.address, reason }, 'connection closed');
    session.destroy();
  }
}
