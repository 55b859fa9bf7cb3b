/** Decodes an RDB stream that arrives in chunks cut anywhere, holding no more than the record at hand. */
import { ExitCode, RedNodeError } from '../errors.js';
import { ReceiveBuffer } from '../resp/receive-buffer.js';
import { Crc64 } from './crc64.js';
import {
  corruptRdb,
  FIRST_OPCODE,
  FIRST_VERSION_WITH_CHECKSUM,
  NEWEST_READABLE_VERSION,
  Opcode,
} from './rdb-format.js';
import { incomplete, RdbReader } from './rdb-reader.js';
import { codecOfRdbType, type RdbValue } from './rdb-values.js';

/** Receives what an RDB stream holds, in its order. Buffers are views that are valid only during the call. */
export interface RdbSink {
  /** `deadlineMs`: milliseconds since the epoch; -1 when the key has none. */
  entry(database: number, key: Buffer, value: RdbValue, deadlineMs: number): void;
  auxiliary?(name: string, value: string): void;
  /** A hint at how many keys follow. */
  databaseSize?(database: number, keys: number, keysWithDeadline: number): void;
}

const HEADER_BYTES = 9;
const HEADER = /^REDIS(\d{4})$/;
const SHOWN_KEY_BYTES = 64;
const NO_DEADLINE = -1;

export class RdbDecoder {
  private readonly input = new ReceiveBuffer();
  private readonly reader = new RdbReader();
  private readonly crc = new Crc64();
  private version = 0;
  private database = 0;
  private deadlineMs = NO_DEADLINE;
  private readBytes = 0;
  /** The record at hand is incomplete below this many bytes. */
  private missingBytes = 0;
  private phase: 'header' | 'records' | 'checksum' | 'done' = 'header';

  constructor(private readonly sink: RdbSink) {}

  /** Whether the end of the stream was read, and its checksum was right. */
  get isDone(): boolean {
    return this.phase === 'done';
  }

  /** Offset of the first byte that has not been decoded yet. */
  get offset(): number {
    return this.readBytes;
  }

  /**
   * Decodes as far as the chunk goes. Returns how many of its bytes belong to the stream: all of them, but for the
   * chunk that holds its end. Throws RDB_CORRUPT or RDB_UNSUPPORTED; the decoder is of no use afterwards.
   */
  feed(chunk: Buffer): number {
    if (this.phase === 'done') return 0;
    const { input } = this;
    input.append(chunk, this.missingBytes);
    if (input.end - input.start >= this.missingBytes) this.decodeAvailable();
    if (!this.isDone) return chunk.length;
    const unreadBytes = input.end - input.start;
    input.clear();
    return chunk.length - unreadBytes;
  }

  /** Decodes every record that is there in full. */
  private decodeAvailable(): void {
    const { input, reader } = this;
    reader.reset(input.bytes, input.start, input.end, this.readBytes);
    this.missingBytes = 0;
    try {
      while (!this.isDone) {
        const isChecked = this.phase !== 'checksum';
        this.decodeRecord();
        if (isChecked) this.crc.update(input.bytes, input.start, reader.position);
        this.readBytes += reader.position - input.start;
        input.start = reader.position;
      }
    } catch (error) {
      if (error !== incomplete) throw error;
      this.missingBytes = reader.neededEnd - input.start;
    }
  }

  private decodeRecord(): void {
    if (this.phase === 'header') this.decodeHeader();
    else if (this.phase === 'checksum') this.decodeChecksum();
    else this.decodeSection(this.reader.byte());
  }

  private decodeHeader(): void {
    const match = HEADER.exec(this.reader.raw(HEADER_BYTES).toString('latin1'));
    if (match === null) throw corruptRdb('it does not begin with REDIS and a version', 0);
    this.version = Number(match[1]);
    if (this.version < 1 || this.version > NEWEST_READABLE_VERSION) {
      throw unsupported(`RDB version ${String(this.version)}`, 0);
    }
    this.phase = 'records';
  }

  private decodeChecksum(): void {
    const expected = this.reader.uint64LittleEndian();
    // 0 says that the writer was told not to make one (rdbchecksum no).
    if (expected !== 0n && expected !== this.crc.value) throw corruptRdb('wrong checksum', this.readBytes);
    this.phase = 'done';
  }

  private decodeSection(opcode: number): void {
    const { reader } = this;
    switch (opcode) {
      case Opcode.end:
        this.phase = this.version >= FIRST_VERSION_WITH_CHECKSUM ? 'checksum' : 'done';
        return;
      case Opcode.selectDatabase:
        this.database = reader.length();
        return;
      case Opcode.expireTimeMs:
        this.deadlineMs = Number(reader.int64LittleEndian());
        return;
      case Opcode.expireTimeSeconds:
        this.deadlineMs = reader.uint32LittleEndian() * 1000;
        return;
      case Opcode.resizeDatabase:
        this.decodeDatabaseSize();
        return;
      case Opcode.auxiliary:
        this.decodeAuxiliary();
        return;
      case Opcode.frequency:
        reader.byte();
        return;
      case Opcode.idle:
        reader.length();
        return;
      default:
        this.decodeEntry(opcode);
    }
  }

  private decodeDatabaseSize(): void {
    const keys = this.reader.length();
    const keysWithDeadline = this.reader.length();
    this.sink.databaseSize?.(this.database, keys, keysWithDeadline);
  }

  private decodeAuxiliary(): void {
    const name = this.reader.string().toString('utf8');
    const value = this.reader.string().toString('utf8');
    this.sink.auxiliary?.(name, value);
  }

  private decodeEntry(rdbType: number): void {
    if (rdbType >= FIRST_OPCODE) throw unsupported(`RDB section ${String(rdbType)}`, this.readBytes);
    const key = this.reader.string();
    const codec = codecOfRdbType(rdbType);
    if (codec === undefined) throw unsupported(`RDB value type ${String(rdbType)}`, this.readBytes, key);
    const value = codec.decode(this.reader);
    this.sink.entry(this.database, key, value, this.deadlineMs);
    this.deadlineMs = NO_DEADLINE;
  }
}

/** RDB_UNSUPPORTED: well-formed, but of a kind that this release does not know. */
function unsupported(what: string, offset: number, key?: Buffer): RedNodeError {
  const keyText = key?.toString('utf8', 0, SHOWN_KEY_BYTES);
  const ofKey = keyText === undefined ? '' : ` (key "${keyText}")`;
  return new RedNodeError(
    'RDB_UNSUPPORTED',
    `${what} at byte ${String(offset)}${ofKey} is not supported`,
    ExitCode.io,
    {
      context: { offset: String(offset), ...(keyText === undefined ? {} : { key: keyText }) },
    },
  );
}
