/** MONITOR: connections that are sent every command as it has run. A tenant sees its own, the admin those of all. */
import type { Command } from '../command-table/command.js';
import type { Request } from '../resp/request.js';
import type { Instance } from './instance.js';
import { Mode } from './modes.js';
import { monitorLine } from './monitor-line.js';
import type { Session } from './session.js';

export class Monitors {
  private readonly listening = new Set<Session>();

  constructor(private readonly instance: Instance) {}

  add(session: Session): void {
    this.listening.add(session);
    session.modes |= Mode.monitors;
    this.instance.modes |= Mode.monitored;
  }

  remove(session: Session): void {
    if (!this.listening.delete(session)) return;
    session.modes &= ~Mode.monitors;
    if (this.listening.size === 0) this.instance.modes &= ~Mode.monitored;
  }

  /** Shows a command that has run. What only an admin may run is shown to nobody, as in Redis. */
  show(session: Session, command: Command, request: Request): void {
    if (this.listening.size === 0) return;
    if (command.flags.includes('admin') || command.flags.includes('skip_monitor')) return;
    const { database } = session.keyspace;
    let forAdmin: Buffer | undefined;
    let forTenant: Buffer | undefined;
    for (const listener of this.listening) {
      // The number of a tenant's database tells the admin who it is; the tenant itself knows of none but 0.
      if (listener.isAdmin) listener.push((forAdmin ??= this.encode(session, database, command, request)));
      else if (listener.keyspace.database === database)
        listener.push((forTenant ??= this.encode(session, 0, command, request)));
    }
  }

  private encode(session: Session, database: number, command: Command, request: Request): Buffer {
    const source = `${database} ${session.address}`;
    return Buffer.from(`+${monitorLine(this.instance.clock.now(), source, command, request)}\r\n`, 'latin1');
  }
}
