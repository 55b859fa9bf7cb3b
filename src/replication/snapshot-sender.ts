/** Sends a point-in-time snapshot of a store over a stream, in slices, as fast as the stream takes it. */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { messageOf } from '../errors.js';
import type { Snapshot } from '../keyspace/snapshot.js';
import type { Store } from '../keyspace/store.js';
import { RdbEncoder, type RdbHeader } from '../persistence/rdb-encoder.js';
import { MARK_LENGTH, replies } from './sync-protocol.js';
import { SLICE_MS } from './timings.js';

/**
 * While the stream is full the snapshot stands still, but writes to parts it has not reached still push their old
 * content into it. Beyond this many bytes the transfer is given up.
 */
const MAX_PENDING_BYTES = 256 * 1024 * 1024;

export interface SnapshotOutcome {
  done(): void;
  failed(reason: string): void;
}

export class SnapshotSender {
  private readonly pieces: Buffer[] = [];
  private pendingBytes = 0;
  private readonly mark = randomBytes(MARK_LENGTH / 2).toString('hex');
  private readonly encoder: RdbEncoder;
  private readonly snapshot: Snapshot;
  private phase: 'reading' | 'sending-rest' | 'over' = 'reading';

  /** Begins at once: the snapshot holds the store as it is now. `outcome` is told later, and not after `abort`. */
  constructor(
    private readonly output: Duplex,
    store: Store,
    header: RdbHeader,
    private readonly outcome: SnapshotOutcome,
  ) {
    this.encoder = new RdbEncoder(store, (piece) => {
      this.pieces.push(piece);
      this.pendingBytes += piece.length;
    });
    this.encoder.begin(header);
    this.snapshot = store.beginSnapshot(this.encoder);
    output.write(replies.transfer(this.mark));
    setImmediate(this.step);
  }

  /** Stops, leaving the transfer unfinished. */
  abort(): void {
    if (this.phase === 'reading') this.snapshot.abort();
    this.end();
  }

  private readonly step = (): void => {
    if (this.phase === 'over') return;
    if (this.pendingBytes > MAX_PENDING_BYTES) {
      this.fail('the replica reads more slowly than the data changes');
      return;
    }
    if (!this.sendPieces()) {
      this.output.once('drain', this.step);
      return;
    }
    if (this.phase === 'sending-rest') {
      this.output.write(this.mark);
      this.end();
      this.outcome.done();
      return;
    }
    try {
      this.readSlice();
    } catch (error) {
      this.fail(messageOf(error));
      return;
    }
    setImmediate(this.step);
  };

  private readSlice(): void {
    if (this.snapshot.step(SLICE_MS)) return;
    this.encoder.end();
    this.phase = 'sending-rest';
  }

  private fail(reason: string): void {
    this.abort();
    this.outcome.failed(reason);
  }

  /** Whether the stream can take more. */
  private sendPieces(): boolean {
    while (!this.output.writableNeedDrain) {
      const piece = this.pieces.shift();
      if (piece === undefined) return true;
      this.pendingBytes -= piece.length;
      this.output.write(piece);
    }
    return false;
  }

  private end(): void {
    this.phase = 'over';
    this.pieces.length = 0;
    this.output.removeListener('drain', this.step);
  }
}
