/**
 * What an entry's access word says: when it was last used (LRU), or how often (LFU). The sign bit tells which, so that the
 * words that another policy left behind keep their meaning after a change.
 *
 * Recency: 31 bits of ticks of 8 ms. Coarse seconds, as in Redis, do not tell keys apart at a million operations per second; the
 * ticks wrap after 198 days, Redis's seconds after 194.
 * Frequency: as in Redis, 16 bits of minutes (of the last decay) and a logarithmic counter of 8 bits, which grows with
 * probability 1 / ((counter - 5) * lfu-log-factor + 1) and shrinks by one every lfu-decay-time minutes.
 */
import type { AccessMeasure } from '../config/eviction-policy.js';

const TICK_MS = 8;
const TICK_MASK = 0x7fffffff;
/** Ticks ahead of now by less than three days come of a clock that was set back: such a word is from just now. */
const CLOCK_STEP_TICKS = 1 << 25;
const FREQUENCY_BIT = -0x80000000;
const MINUTE_MS = 60_000;
const MINUTE_MASK = 0xffff;
const MINUTES_SHIFT = 8;
const MAX_COUNT = 0xff;
/** Counter of a new key, so that it is not the first to go. */
const INITIAL_COUNT = 5;

export class AccessClock {
  /** The word of an entry that is used now, by recency. */
  tick = 0;
  /** Redis's lfu-log-factor and lfu-decay-time (minutes; 0: never). */
  logFactor = 10;
  decayMinutes = 1;
  private minute = 0;

  /** @param random Gives numbers in [0, 1). */
  constructor(private readonly random: () => number) {}

  setTime(nowMs: number): void {
    this.tick = (nowMs / TICK_MS) & TICK_MASK;
    this.minute = (nowMs / MINUTE_MS) & MINUTE_MASK;
  }

  /** The word of an entry that is made now. */
  initialWord(measure: AccessMeasure): number {
    return measure === 'recency' ? this.tick : this.frequencyWord(INITIAL_COUNT);
  }

  /** The word of an entry that is used once more, by frequency. */
  countedWord(word: number): number {
    const count = this.frequency(word);
    const isCounted =
      count < MAX_COUNT && this.random() * (Math.max(0, count - INITIAL_COUNT) * this.logFactor + 1) < 1;
    return this.frequencyWord(isCounted ? count + 1 : count);
  }

  /** Milliseconds since the last use; of a word by frequency, since its last decay, in whole minutes. */
  idleMs(word: number): number {
    if (word < 0) return this.minutesSince(word) * MINUTE_MS;
    const ticks = (this.tick - word) & TICK_MASK;
    return ticks > TICK_MASK - CLOCK_STEP_TICKS ? 0 : ticks * TICK_MS;
  }

  /** The counter as it has decayed by now, 0 to 255. */
  frequency(word: number): number {
    if (word < 0) return this.decayed(word & MAX_COUNT, this.minutesSince(word));
    return this.decayed(INITIAL_COUNT, Math.floor(this.idleMs(word) / MINUTE_MS));
  }

  private decayed(count: number, minutes: number): number {
    return this.decayMinutes === 0 ? count : Math.max(0, count - Math.floor(minutes / this.decayMinutes));
  }

  private minutesSince(word: number): number {
    return (this.minute - (word >> MINUTES_SHIFT)) & MINUTE_MASK;
  }

  private frequencyWord(count: number): number {
    return FREQUENCY_BIT | (this.minute << MINUTES_SHIFT) | count;
  }
}
