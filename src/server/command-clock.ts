/**
 * How long commands take. Reading the clock costs a tenth of a pipelined GET, so commands of constant time are timed together,
 * a batch at a time, and share its time; every other command is timed alone, and so is one of many bytes. Where a threshold could
 * catch one of the former, each is timed.
 */
import type { Command } from '../command-table/command.js';
import type { Request } from '../resp/request.js';
import { CommandTally } from './command-tally.js';
import type { Instance } from './instance.js';
import type { Session } from './session.js';

/** More than a session runs between two readings of the clock. */
const POOL_SIZE = 64;
const US_PER_MS = 1000;
/** Copying more than this takes time of its own. */
export const LARGE_BYTES = 64 * 1024;
/** A command of constant time passes a threshold below this now and then. */
const POOLED_THRESHOLD_US = 1000;

/** Constant time, though Redis does not flag them `fast`. */
const alsoQuick = new Set(['SET', 'SETEX', 'PSETEX']);

function isQuick(command: Command): boolean {
  const hasOneKey = command.keys.first === command.keys.last;
  return hasOneKey && (command.flags.includes('fast') || alsoQuick.has(command.fullName));
}

export class CommandClock {
  readonly tally: CommandTally;
  private readonly quick: Uint8Array;
  private readonly pool = new Int16Array(POOL_SIZE);
  private pooled = 0;
  private own: CommandTally | undefined;
  private timesEach = false;
  private startedMs = 0;

  constructor(
    private readonly instance: Instance,
    private readonly commandCount: number,
    commands: Iterable<Command>,
  ) {
    this.tally = new CommandTally(commandCount);
    this.quick = new Uint8Array(commandCount);
    for (const command of commands) this.quick[command.id] = isQuick(command) ? 1 : 0;
    this.configure();
  }

  /** To be called when the thresholds have changed. */
  configure(): void {
    const { slowlogThresholdUs, latencyThresholdMs } = this.instance.config;
    const isSlowlogSharp = slowlogThresholdUs >= 0 && slowlogThresholdUs < POOLED_THRESHOLD_US;
    this.timesEach = isSlowlogSharp || latencyThresholdMs > 0;
  }

  newTally(): CommandTally {
    return new CommandTally(this.commandCount);
  }

  /** The commands that follow are of one connection. @param own Where its tenant's are counted, besides. */
  start(own: CommandTally | undefined): void {
    this.settle();
    this.own = own;
    this.startedMs = performance.now();
  }

  /** Whether the command is timed together with others: then `pass` follows it, else `begin` goes before and `measure` behind. */
  isPooled(command: Command, { frameStart, frameEnd }: Request): boolean {
    return this.quick[command.id] === 1 && !this.timesEach && frameEnd - frameStart < LARGE_BYTES;
  }

  /** A command of constant time has run. */
  pass(command: Command): void {
    this.pool[this.pooled++] = command.id;
    if (this.pooled === POOL_SIZE) this.settle();
  }

  /** One has run and answered with many bytes: next to that, those before it in the batch took no time. */
  passLarge(session: Session, command: Command, request: Request): void {
    for (let index = 0; index < this.pooled; index++) this.add(this.pool[index], 0);
    this.pooled = 0;
    this.measure(session, command, request, this.startedMs);
  }

  /** A command that is timed alone is about to run. Returns when, for `measure`. */
  begin(): number {
    if (this.pooled > 0) this.settle();
    else this.startedMs = performance.now();
    return this.startedMs;
  }

  /** It has run, and with it those of the transaction that it was the end of. */
  measure(session: Session, command: Command, request: Request, startedMs: number): void {
    if (this.pooled > 0) this.settle();
    else this.startedMs = performance.now();
    const elapsedMs = this.startedMs - startedMs;
    const micros = elapsedMs * US_PER_MS;
    this.add(command.id, micros);
    const { slowlogThresholdUs, latencyThresholdMs } = this.instance.config;
    if (slowlogThresholdUs >= 0 && micros >= slowlogThresholdUs) {
      this.instance.slowLog.note(session, command, request, Math.round(micros));
    }
    if (latencyThresholdMs > 0 && elapsedMs >= latencyThresholdMs) {
      this.instance.latency.note(command.flags.includes('fast') ? 'fast-command' : 'command', elapsedMs);
    }
  }

  /** Gives the commands that were timed together their shares. */
  settle(): void {
    if (this.pooled === 0) return;
    const share = (this.elapse() * US_PER_MS) / this.pooled;
    for (let index = 0; index < this.pooled; index++) this.add(this.pool[index], share);
    this.pooled = 0;
  }

  /** A gate has refused it. */
  rejected(command: Command): void {
    this.tally.rejected[command.id]++;
    if (this.own !== undefined) this.own.rejected[command.id]++;
  }

  /** It has answered with an error. */
  failed(command: Command): void {
    this.tally.failed[command.id]++;
    if (this.own !== undefined) this.own.failed[command.id]++;
  }

  private add(id: number, micros: number): void {
    this.tally.add(id, micros);
    this.own?.add(id, micros);
  }

  private elapse(): number {
    const now = performance.now();
    const elapsedMs = now - this.startedMs;
    this.startedMs = now;
    return elapsedMs;
  }
}
