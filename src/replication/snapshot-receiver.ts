/** Receives the RDB transfer of a full sync into a store, from chunks cut anywhere. */
import { ExitCode, RedNodeError } from '../errors.js';
import type { Store } from '../keyspace/store.js';
import { RdbDecoder } from '../persistence/rdb-decoder.js';
import { RdbLoader } from '../persistence/rdb-loader.js';
import { MARK_LENGTH, type TransferEnd } from './sync-protocol.js';

export class SnapshotReceiver {
  private readonly decoder: RdbDecoder;
  private readonly loader: RdbLoader;
  private trailer = '';

  /** Empties every keyspace of the store: the transfer replaces what was there. */
  constructor(
    store: Store,
    private readonly end: TransferEnd,
  ) {
    for (const keyspace of store.keyspaces()) keyspace.clear();
    this.loader = new RdbLoader(store);
    this.decoder = new RdbDecoder(this.loader);
  }

  /** Database number and name of each tenant that the snapshot named. */
  get tenants(): ReadonlyMap<number, string> {
    return this.loader.tenants;
  }

  /** Bytes of the snapshot that were received. */
  get receivedBytes(): number {
    return this.decoder.offset;
  }

  get isDone(): boolean {
    return this.decoder.isDone && (!('mark' in this.end) || this.trailer.length === MARK_LENGTH);
  }

  /**
   * Takes in the chunk from `position` on. Returns the position behind what belongs to the transfer. Throws for a
   * damaged snapshot or a wrong end.
   */
  feed(chunk: Buffer, position: number): number {
    const at = position + this.decoder.feed(position === 0 ? chunk : chunk.subarray(position));
    if (!this.decoder.isDone) return at;
    this.checkSize();
    return 'mark' in this.end ? this.readMark(chunk, at, this.end.mark) : at;
  }

  private checkSize(): void {
    if ('mark' in this.end || this.end.sizeBytes === this.decoder.offset) return;
    throw badEnd(`the snapshot has ${String(this.decoder.offset)} bytes, announced were ${String(this.end.sizeBytes)}`);
  }

  private readMark(chunk: Buffer, position: number, mark: string): number {
    const end = Math.min(chunk.length, position + MARK_LENGTH - this.trailer.length);
    this.trailer += chunk.toString('latin1', position, end);
    if (!mark.startsWith(this.trailer)) throw badEnd('the snapshot is not followed by its end mark');
    return end;
  }
}

function badEnd(problem: string): RedNodeError {
  return new RedNodeError('REPLICATION_PROTOCOL', problem, ExitCode.internal);
}
