/** What CLIENT does to connections other than its own. A tenant reaches no connection but its own, and none of the admin's. */
import type { ClientFilter, ClientsPort, PauseKind, SessionPort } from '../command-table/context.js';
import type { Instance } from './instance.js';
import type { Session } from './session.js';

const UNBLOCKED = 'UNBLOCKED client unblocked via CLIENT UNBLOCK';

export class ClientControl implements ClientsPort {
  constructor(private readonly instance: Instance) {}

  hasUser(by: SessionPort, name: string): boolean {
    const { registry } = this.instance;
    if (!by.isAdmin) return name === by.user;
    return name === registry.defaultTenant.name || registry.find(name) !== undefined;
  }

  kill(by: SessionPort, filter: ClientFilter): number {
    let killed = 0;
    for (const session of [...this.reachableBy(by)]) {
      if (!matches(session, filter) || (filter.skipsOwn && session === by)) continue;
      killed++;
      // Its own reply has to leave first.
      if (session === by) session.closeAfterReplies();
      else session.destroy();
    }
    return killed;
  }

  pause(kind: PauseKind, durationMs: number): void {
    this.instance.pause.begin(kind, durationMs);
  }

  unpause(): void {
    this.instance.pause.end();
  }

  unblock(by: SessionPort, id: number, asError: boolean): boolean {
    for (const session of this.reachableBy(by)) {
      if (session.id !== id || session.blocked === undefined) continue;
      if (asError) session.blocked.fail(new Error(UNBLOCKED));
      else session.blocked.timeOut();
      return true;
    }
    return false;
  }

  private *reachableBy(by: SessionPort): Iterable<Session> {
    for (const session of this.instance.sessionsVisibleTo(by)) {
      if (by.isAdmin || !session.isAdmin) yield session;
    }
  }
}

function matches(session: Session, { id, address, localAddress, type, user }: ClientFilter): boolean {
  return (
    (id === undefined || session.id === id) &&
    (address === undefined || session.address === address) &&
    (localAddress === undefined || session.localAddress === localAddress) &&
    (type === undefined || session.type === type) &&
    (user === undefined || session.user === user)
  );
}
