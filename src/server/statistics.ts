/** Counters of a node since it started, or since CONFIG RESETSTAT. */
import type { ReplyWriter } from '../resp/reply-writer.js';

/** Redis keeps apart so many codes of errors. */
const ERROR_CODES_MAX = 128;
/** A longer first word is no code. */
const ERROR_CODE_BYTES_MAX = 32;
const BITS_PER_BYTE = 8;
const BITS_PER_KILOBIT = 1000;
const SPACE = 0x20;
const CR = 0x0d;

/** Growth per second, from one sample to the next. */
class Rate {
  perSecond = 0;
  private last = 0;

  sample(total: number, elapsedSeconds: number): void {
    this.perSecond = Math.max(0, (total - this.last) / elapsedSeconds);
    this.last = total;
  }
}

export class Statistics {
  commandsProcessed = 0;
  connectionsReceived = 0;
  rejectedConnections = 0;
  inputBytes = 0;
  outputBytes = 0;
  expiredKeys = 0;
  evictedKeys = 0;
  slowSubscribersDropped = 0;
  /** Clients that did not read what they were sent, subscribers included. */
  outputLimitDisconnections = 0;
  evictedClients = 0;
  authenticationFailures = 0;
  tlsHandshakeFailures = 0;
  protocolErrors = 0;
  fullSyncs = 0;
  partialSyncs = 0;
  /** Partial syncs that were asked for and became full ones. */
  refusedPartialSyncs = 0;
  /** Commands that failed in a way they should not. */
  unexpectedErrors = 0;
  errorReplies = 0;
  /** Error replies by their first word. */
  readonly errorsByCode = new Map<string, number>();
  private sampledAt = performance.now();
  private readonly commandRate = new Rate();
  private readonly inputRate = new Rate();
  private readonly outputRate = new Rate();

  /** Takes the rates since the sample before; call at a steady pace. */
  sampleRates(): void {
    const now = performance.now();
    const elapsedSeconds = (now - this.sampledAt) / 1000;
    if (elapsedSeconds <= 0) return;
    this.commandRate.sample(this.commandsProcessed, elapsedSeconds);
    this.inputRate.sample(this.inputBytes, elapsedSeconds);
    this.outputRate.sample(this.outputBytes, elapsedSeconds);
    this.sampledAt = now;
  }

  get opsPerSecond(): number {
    return Math.round(this.commandRate.perSecond);
  }

  get inputKilobitsPerSecond(): number {
    return (this.inputRate.perSecond * BITS_PER_BYTE) / BITS_PER_KILOBIT;
  }

  get outputKilobitsPerSecond(): number {
    return (this.outputRate.perSecond * BITS_PER_BYTE) / BITS_PER_KILOBIT;
  }

  /** Counts the error reply that begins at `start`. */
  countError({ buffer, length }: ReplyWriter, start: number): void {
    this.errorReplies++;
    let end = start + 1;
    const last = Math.min(length, end + ERROR_CODE_BYTES_MAX);
    while (end < last && buffer[end] !== SPACE && buffer[end] !== CR) end++;
    const code = buffer.toString('latin1', start + 1, end);
    const count = this.errorsByCode.get(code);
    if (count !== undefined || this.errorsByCode.size < ERROR_CODES_MAX) this.errorsByCode.set(code, (count ?? 0) + 1);
  }

  reset(): void {
    this.errorsByCode.clear();
    for (const [name, value] of Object.entries(this)) if (typeof value === 'number') Reflect.set(this, name, 0);
    this.sampledAt = performance.now();
    for (const rate of [this.commandRate, this.inputRate, this.outputRate]) rate.sample(0, 1);
  }
}
