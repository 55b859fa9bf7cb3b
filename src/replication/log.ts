/**
 * The one log of effects: RESP bytes, addressed by offset. Replicas follow it; the append-only file and the commit gate
 * can follow the same offsets. An offset is a count of bytes since the history began (below 2^53).
 */
import { randomBytes } from 'node:crypto';
import { encodeCommand } from '../resp/encode.js';
import { EffectUnit } from './effect-unit.js';
import { LogChunks } from './log-chunks.js';

export interface LogOptions {
  /** How much of the past is kept for partial syncs, in bytes. */
  readonly backlogBytes?: number;
  /** How far a follower may fall behind before it is dropped, in bytes. */
  readonly maxPinnedBytes?: number;
  readonly chunkBytes?: number;
}

/** Something that reads the log as it grows. */
export interface LogFollower {
  /** Offset of the oldest byte that it still reads or holds a slice of; the log keeps it. */
  readonly neededFrom: number;
  /** The log has grown: called at most once per turn of the event loop. */
  onAppend(): void;
  /**
   * It was detached: too far behind, or the log's content was replaced. Must not append, and must be done with its
   * slices when it returns (a destroyed socket is).
   */
  onDropped(reason: DropReason): void;
}

export type DropReason = 'too-far-behind' | 'history-replaced';

const DEFAULT_BACKLOG_BYTES = 8 * 1024 * 1024;
const DEFAULT_MAX_PINNED_BYTES = 256 * 1024 * 1024;
const DEFAULT_CHUNK_BYTES = 256 * 1024;
const REPLICATION_ID_BYTES = 20;
/** Nothing is known of the stream's database: a SELECT comes before the next effect. */
const NO_DATABASE = -1;
/** Redis's placeholder for "no id". */
const NO_REPLICATION_ID = '0'.repeat(REPLICATION_ID_BYTES * 2);

function newReplicationId(): string {
  return randomBytes(REPLICATION_ID_BYTES).toString('hex');
}

export class ReplicationLog {
  private readonly chunks: LogChunks;
  private readonly followers = new Set<LogFollower>();
  private backlogBytes: number;
  private maxPinnedBytes: number;
  private isWakeScheduled = false;
  private unit: EffectUnit | undefined;
  private streamDatabase = NO_DATABASE;
  private mustSelect = false;
  private id = newReplicationId();
  private previousId = NO_REPLICATION_ID;
  private previousIdEnd = -1;

  /**
   * Whether effects need to be appended at all. False on a server that nothing has ever followed: its offset stands
   * still, and its history cannot be resumed.
   */
  isActive = false;

  constructor(options: LogOptions = {}) {
    this.backlogBytes = options.backlogBytes ?? DEFAULT_BACKLOG_BYTES;
    this.maxPinnedBytes = options.maxPinnedBytes ?? DEFAULT_MAX_PINNED_BYTES;
    this.chunks = new LogChunks(options.chunkBytes ?? DEFAULT_CHUNK_BYTES);
  }

  /** Changes how much is kept; what is too much by now is dropped at once. */
  setLimits({ backlogBytes, maxPinnedBytes }: Required<Omit<LogOptions, 'chunkBytes'>>): void {
    this.backlogBytes = backlogBytes;
    this.maxPinnedBytes = maxPinnedBytes;
    this.trim();
  }

  /** Identifies this history: 40 hex digits. */
  get replicationId(): string {
    return this.id;
  }

  /** The history that this one continues (Redis's replid2), and the offset up to which both are the same. */
  get secondaryId(): string {
    return this.previousId;
  }

  /** -1 when there is no secondary id. */
  get secondaryIdEndOffset(): number {
    return this.previousIdEnd;
  }

  /** Offset of the oldest byte kept. */
  get startOffset(): number {
    return this.chunks.startOffset;
  }

  /** Offset behind the newest byte: how much has been written in this history. */
  get endOffset(): number {
    return this.chunks.endOffset;
  }

  /** Which database the stream is in at `endOffset`; -1 when no SELECT has come since the history began here. */
  get database(): number {
    return this.streamDatabase;
  }

  /** Appends the half-open range `[start, end)` of `bytes`, which must be whole commands in RESP. */
  append(bytes: Uint8Array, start: number, end: number): void {
    if (this.unit !== undefined) this.unit.add(bytes, start, end);
    else this.write(bytes, start, end);
  }

  /** What is appended from here on, until `endUnit`, followers apply as a whole; both in one turn of the event loop. */
  beginUnit(): void {
    this.unit = new EffectUnit((bytes, start, end) => {
      this.write(bytes, start, end);
    });
  }

  endUnit(): void {
    const { unit } = this;
    this.unit = undefined;
    unit?.end();
  }

  private write(bytes: Uint8Array, start: number, end: number): void {
    if (this.chunks.append(bytes, start, end)) this.trim();
    if (this.followers.size > 0) this.scheduleWake();
  }

  /** Appends one command made of these words. */
  appendCommand(words: readonly (string | Uint8Array)[]): void {
    const bytes = encodeCommand(words);
    this.append(bytes, 0, bytes.length);
  }

  /** Call before an effect: appends `SELECT` when the stream is in another database. */
  selectDatabase(database: number): void {
    if (database === this.streamDatabase && !this.mustSelect) return;
    const bytes = encodeCommand(['SELECT', String(database)]);
    // In front of the first effect of a unit it is no part of it.
    if (this.unit?.isEmpty === true) this.write(bytes, 0, bytes.length);
    else this.append(bytes, 0, bytes.length);
    this.databaseSelected(database);
  }

  /** The next effect is preceded by `SELECT` whatever the database, for a follower that starts here. */
  repeatSelect(): void {
    this.mustSelect = true;
  }

  /** A replica has appended its master's own `SELECT`. */
  databaseSelected(database: number): void {
    this.streamDatabase = database;
    this.mustSelect = false;
  }

  /**
   * Hands the bytes from `offset` on to `visit`, slice by slice and without copying, until it returns false or the end
   * is reached. Returns the offset behind the last slice. Only a follower may keep slices, while its `neededFrom`
   * covers them.
   */
  read(offset: number, visit: (slice: Buffer) => boolean): number {
    let at = offset;
    while (at < this.endOffset) {
      const slice = this.chunks.slice(at);
      at += slice.length;
      if (!visit(slice)) break;
    }
    return at;
  }

  /** Begins to tell `follower` about growth, and to keep what it needs. Makes the log active. */
  attach(follower: LogFollower): void {
    this.isActive = true;
    this.followers.add(follower);
  }

  detach(follower: LogFollower): void {
    this.followers.delete(follower);
  }

  /** Whether a replica that has `offset` bytes of history `id` can go on from there without a full sync. */
  canResume(id: string, offset: number): boolean {
    const isKept = offset >= this.startOffset && offset <= this.endOffset;
    if (!this.isActive || !isKept) return false;
    return id === this.id || (id === this.previousId && offset <= this.previousIdEnd);
  }

  /** At a promotion: a new id, so that what is written from here on is not taken for the old master's history. */
  startNewHistory(): void {
    this.continueAs(newReplicationId());
  }

  /** The master goes on under another id: the old one stays valid up to here. */
  continueAs(id: string): void {
    if (id === this.id) return;
    this.previousId = this.id;
    this.previousIdEnd = this.endOffset;
    this.id = id;
  }

  /** A replica after a full sync: the history is its master's, and begins here. */
  resetTo(id: string, offset: number): void {
    this.replaceHistory(id, offset);
    this.isActive = true;
  }

  /** The content of the store no longer follows from this log: it cannot be resumed, by anyone. */
  invalidate(): void {
    this.replaceHistory(newReplicationId(), 0);
    this.isActive = false;
  }

  private replaceHistory(id: string, offset: number): void {
    this.dropFollowers(() => true, 'history-replaced');
    this.chunks.resetTo(offset);
    this.id = id;
    this.previousId = NO_REPLICATION_ID;
    this.previousIdEnd = -1;
    this.streamDatabase = NO_DATABASE;
  }

  private trim(): void {
    const keepFrom = this.endOffset - this.backlogBytes;
    if (keepFrom <= this.startOffset) return;
    const oldestPin = this.endOffset - this.maxPinnedBytes;
    this.dropFollowers((follower) => follower.neededFrom < oldestPin, 'too-far-behind');
    let offset = keepFrom;
    for (const follower of this.followers) offset = Math.min(offset, follower.neededFrom);
    this.chunks.trimTo(offset);
  }

  private dropFollowers(isDropped: (follower: LogFollower) => boolean, reason: DropReason): void {
    for (const follower of [...this.followers].filter(isDropped)) {
      this.followers.delete(follower);
      follower.onDropped(reason);
    }
  }

  private scheduleWake(): void {
    if (this.isWakeScheduled) return;
    this.isWakeScheduled = true;
    setImmediate(this.wake);
  }

  private readonly wake = (): void => {
    this.isWakeScheduled = false;
    for (const follower of this.followers) follower.onAppend();
  };
}
