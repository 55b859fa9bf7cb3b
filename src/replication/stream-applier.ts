/** Applies a master's log to a replica, command by command, and keeps the same bytes in the replica's own log. */
import { ExitCode, RedNodeError } from '../errors.js';
import { DecodeResult, RequestDecoder } from '../resp/request-decoder.js';
import type { Store } from '../keyspace/store.js';
import type { Request } from '../resp/request.js';
import { HeldUnit } from './held-unit.js';
import type { ReplicationLog } from './log.js';

/**
 * Runs one command of the stream on the keys of a database, with no gates and no effect on the log. The request is a
 * view that is valid only during the call. Throws when it cannot be run: the replica is then no copy any more.
 */
export type Apply = (database: number, request: Request) => void;

/** The time is read once per so many commands. */
const COMMANDS_PER_LOOK = 32;

export class StreamApplier {
  private readonly decoder = new RequestDecoder();
  private database: number;
  /** Between MULTI and EXEC: neither applied nor logged before all of it is there, so that no half outlives a lost link. */
  private unit: HeldUnit | undefined;

  constructor(
    private readonly store: Store,
    private readonly log: ReplicationLog,
    private readonly apply: Apply,
  ) {
    this.database = Math.max(log.database, 0);
  }

  /** Takes the next chunk; the one before must have been worked off. */
  feed(chunk: Buffer): void {
    this.decoder.feed(chunk);
  }

  /** Applies what was fed, for about `budgetMs`. Returns whether more is left. Throws what `apply` throws. */
  run(budgetMs: number): boolean {
    this.store.appliesStream = true;
    try {
      return this.runSlice(budgetMs);
    } finally {
      this.store.appliesStream = false;
    }
  }

  private runSlice(budgetMs: number): boolean {
    const { decoder } = this;
    const endMs = performance.now() + budgetMs;
    for (let count = 1; ; count++) {
      const result = decoder.next();
      if (result === DecodeResult.incomplete) return false;
      if (result === DecodeResult.protocolError) throw protocolError(decoder.error);
      this.applyOne(decoder.request);
      if (count % COMMANDS_PER_LOOK === 0 && performance.now() >= endMs) return true;
    }
  }

  private applyOne(request: Request): void {
    if (!request.isMultibulk) throw protocolError('an inline command in the stream');
    if (request.is(0, 'MULTI')) this.beginUnit(request);
    else if (this.unit !== undefined) this.hold(this.unit, request);
    else {
      this.perform(request);
      this.log.append(request.buffer, request.frameStart, request.frameEnd);
    }
  }

  private beginUnit(request: Request): void {
    if (this.unit !== undefined) throw protocolError('MULTI inside MULTI');
    this.unit = new HeldUnit();
    this.unit.add(request);
  }

  private hold(unit: HeldUnit, request: Request): void {
    unit.add(request);
    if (!request.is(0, 'EXEC')) return;
    this.unit = undefined;
    unit.replay((held) => {
      this.perform(held);
    });
    const bytes = unit.bytes();
    this.log.append(bytes, 0, bytes.length);
  }

  private perform(request: Request): void {
    if (request.is(0, 'EXEC')) throw protocolError('EXEC without MULTI');
    if (request.is(0, 'SELECT')) this.select(request);
    // REPLCONF GETACK needs no answer of its own: an acknowledgement follows every batch.
    else if (!request.is(0, 'PING') && !request.is(0, 'REPLCONF')) this.apply(this.database, request);
  }

  private select(request: Request): void {
    const database = Number(request.text(1));
    if (!Number.isSafeInteger(database) || database < 0) throw protocolError(`SELECT ${request.text(1)} in the stream`);
    this.database = database;
    this.log.databaseSelected(database);
  }
}

function protocolError(problem: string): RedNodeError {
  return new RedNodeError('REPLICATION_PROTOCOL', `the replication stream is damaged: ${problem}`, ExitCode.internal);
}
