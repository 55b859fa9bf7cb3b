/**
 * The requests of a pipeline, decoded some at a time before the first of them runs: so the memory that they will need is
 * asked for all at once. A lookup waits for two random cache lines, one of the table and one of the entry; the waits of a
 * batch overlap where those of one request after another add up.
 */
import type { Command } from '../command-table/command.js';
import { commandTable } from '../command-table/index.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { DecodeResult, type RequestDecoder } from '../resp/request-decoder.js';
import { Request } from '../resp/request.js';

/** More than the processor can wait for at once, and few enough to stay in its nearest cache. */
const MAX_REQUESTS = 32;
/** A request of more arguments ends the reading ahead. */
const MAX_ARGUMENTS = 16;
/** Fewer waits are not worth a pass of their own. */
const MIN_REQUESTS_TO_PREFETCH = 3;

/** Per request: argument count, frame start and end, whether it is multibulk; then offset and length of each argument. */
const HEAD_WORDS = 4;
const RECORD_WORDS = HEAD_WORDS + 2 * MAX_ARGUMENTS;

const NO_REQUEST = -1;
const NO_BYTES = Buffer.alloc(0);

export class ReadAhead {
  /** Requests that were read ahead; `load` brings back each. */
  count = 0;
  /** What ended the reading; after a request there may be more. */
  outcome: DecodeResult = DecodeResult.incomplete;
  /** The request that `load` brought back, and the command that it names. */
  request = new Request();
  command: Command | undefined;

  private readonly loaded = this.request;
  private readonly records = new Int32Array(MAX_REQUESTS * RECORD_WORDS);
  private readonly commands: (Command | undefined)[] = new Array<Command | undefined>(MAX_REQUESTS).fill(undefined);
  private readonly keyOffsets = new Int32Array(MAX_REQUESTS);
  private readonly keyLengths = new Int32Array(MAX_REQUESTS);
  private readonly hashes = new Int32Array(MAX_REQUESTS);
  private hasHashes = false;
  private buffer: Buffer = NO_BYTES;
  /** The request that is still in the decoder: the last one, when nothing was decoded behind it. */
  private inDecoder = NO_REQUEST;
  private decoded = this.request;

  /** Decodes what has arrived, up to the bound; `isSingle` stops behind the first request. */
  fill(decoder: RequestDecoder, isSingle: boolean): void {
    const { request } = decoder;
    const last = isSingle ? 0 : MAX_REQUESTS - 1;
    this.decoded = request;
    this.hasHashes = false;
    this.inDecoder = NO_REQUEST;
    for (let index = 0; ; index++) {
      this.count = index;
      this.outcome = decoder.advance();
      if (this.outcome !== DecodeResult.request) return;
      const command = commandTable.lookup(request);
      this.commands[index] = command;
      const first = command === undefined ? 0 : command.keys.first;
      this.keyOffsets[index] = request.offsets[first];
      this.keyLengths[index] = first > 0 && first < request.argc ? request.lengths[first] : 0;
      // Inline commands are unquoted into a buffer of their own, which the next one overwrites.
      const isLast = index === last || request.argc > MAX_ARGUMENTS || !request.isMultibulk;
      if (isLast || decoder.bufferedBytes === 0) {
        this.inDecoder = index;
        this.count = index + 1;
        return;
      }
      this.record(index, request);
    }
  }

  /** Asks for the memory that the requests will need. */
  prefetch(keyspace: Keyspace): void {
    if (this.count < MIN_REQUESTS_TO_PREFETCH) return;
    if (this.inDecoder !== NO_REQUEST && this.decoded.isMultibulk) this.buffer = this.decoded.buffer;
    keyspace.prefetch(this.buffer, this.keyOffsets, this.keyLengths, this.count, this.hashes);
    this.hasHashes = true;
  }

  /** Brings back a request: `request` and `command` are those of `index`. */
  load(index: number, keyspace: Keyspace): void {
    this.command = this.commands[index];
    if (this.hasHashes) keyspace.expectKey(this.buffer, this.keyOffsets[index], this.hashes[index]);
    if (index === this.inDecoder) {
      this.request = this.decoded;
      return;
    }
    const { records, loaded } = this;
    const { offsets, lengths } = loaded;
    let at = index * RECORD_WORDS;
    const argc = records[at];
    loaded.argc = argc;
    loaded.frameStart = records[at + 1];
    loaded.frameEnd = records[at + 2];
    loaded.isMultibulk = records[at + 3] === 1;
    loaded.buffer = this.buffer;
    at += HEAD_WORDS;
    for (let argument = 0; argument < argc; argument++) {
      offsets[argument] = records[at++];
      lengths[argument] = records[at++];
    }
    this.request = loaded;
  }

  /** Where the request begins in the chunk, for `RequestDecoder.rewind`. */
  frameStart(index: number): number {
    return index === this.inDecoder ? this.decoded.frameStart : this.records[index * RECORD_WORDS + 1];
  }

  private record(index: number, { argc, offsets, lengths, frameStart, frameEnd, isMultibulk, buffer }: Request): void {
    const { records } = this;
    this.buffer = buffer;
    let at = index * RECORD_WORDS;
    records[at] = argc;
    records[at + 1] = frameStart;
    records[at + 2] = frameEnd;
    records[at + 3] = isMultibulk ? 1 : 0;
    at += HEAD_WORDS;
    for (let argument = 0; argument < argc; argument++) {
      records[at++] = offsets[argument];
      records[at++] = lengths[argument];
    }
  }
}
