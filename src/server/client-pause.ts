/**
 * CLIENT PAUSE: commands of clients wait, in the order in which they came, until the time is over or CLIENT UNPAUSE.
 * Meanwhile the data stands still: nothing expires and nothing is evicted.
 */
import type { Instance } from './instance.js';
import { Mode } from './modes.js';
import type { PauseKind } from '../command-table/context.js';
import type { Session } from './session.js';

/** The longest time that a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export class ClientPause {
  private kind: PauseKind | undefined;
  private endMs = 0;
  private timer: NodeJS.Timeout | undefined;
  /** In the order in which they came to a halt. */
  private readonly held = new Set<Session>();

  constructor(private readonly instance: Instance) {}

  /** A second pause prolongs the first and widens it; it neither shortens nor narrows it. */
  begin(kind: PauseKind, durationMs: number): void {
    const { instance } = this;
    this.endMs = Math.max(this.endMs, instance.clock.now() + durationMs);
    if (this.kind !== 'all') this.kind = kind;
    instance.modes |= Mode.paused;
    instance.store.isFrozen = true;
    this.arm();
  }

  /** Lets everybody go on who waits. */
  end(): void {
    const { instance } = this;
    clearTimeout(this.timer);
    this.kind = undefined;
    this.endMs = 0;
    instance.modes &= ~Mode.paused;
    instance.store.isFrozen = false;
    const waiting = [...this.held];
    this.held.clear();
    // Not amid the commands of the connection that may have asked for it, and yet before anything that has yet to arrive.
    queueMicrotask(() => {
      for (const session of waiting) session.resume();
    });
  }

  /** Whether a command has to wait. */
  holdsBack(isWrite: boolean): boolean {
    return this.kind !== undefined && (isWrite || this.kind === 'all');
  }

  /** Stops reading from a connection; the command that it is at will run again. */
  hold(session: Session): void {
    this.held.add(session);
    session.standStill();
  }

  isHeld(session: Session): boolean {
    return this.held.has(session);
  }

  /** The connection is gone. */
  forget(session: Session): void {
    this.held.delete(session);
  }

  private arm(): void {
    clearTimeout(this.timer);
    const leftMs = Math.max(0, this.endMs - this.instance.clock.now());
    this.timer = setTimeout(this.onTimer, Math.min(leftMs, MAX_TIMER_MS));
    this.timer.unref();
  }

  private readonly onTimer = (): void => {
    if (this.instance.clock.now() >= this.endMs) this.end();
    else this.arm();
  };
}
