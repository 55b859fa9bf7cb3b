/** From the time a command names (seconds or milliseconds, relative or absolute) to a deadline in ms since the epoch. */
import { parseInt64, INT64_MAX, INT64_MIN } from '../resp/integer.js';
import type { Request } from '../resp/request.js';
import type { CommandContext } from './context.js';

export interface TimeUnit {
  readonly word: string;
  readonly unitMs: 1 | 1000;
  readonly isAbsolute: boolean;
}

/** The time options of SET and GETEX. */
const timeOptions: readonly TimeUnit[] = [
  { word: 'EX', unitMs: 1000, isAbsolute: false },
  { word: 'PX', unitMs: 1, isAbsolute: false },
  { word: 'EXAT', unitMs: 1000, isAbsolute: true },
  { word: 'PXAT', unitMs: 1, isAbsolute: true },
];

/** The time option that argument `index` is, or undefined. */
export function timeUnitAt(request: Request, index: number): TimeUnit | undefined {
  for (const unit of timeOptions) if (request.is(index, unit.word)) return unit;
  return undefined;
}

export const NOT_INTEGER = 'not-integer';
export const OUT_OF_RANGE = 'out-of-range';

/**
 * The deadline that argument `index` stands for; NOT_INTEGER or OUT_OF_RANGE (beyond 64 bits of milliseconds, or not
 * positive where it has to be).
 */
export function deadlineFrom(
  request: Request,
  index: number,
  unit: Omit<TimeUnit, 'word'>,
  now: number,
  mustBePositive: boolean,
): number | typeof NOT_INTEGER | typeof OUT_OF_RANGE {
  const amount = parseInt64(request.buffer, request.offsets[index], request.lengths[index]);
  if (amount === undefined) return NOT_INTEGER;
  if (mustBePositive && amount <= 0) return OUT_OF_RANGE;
  if (typeof amount === 'number' && Math.abs(amount) < Number.MAX_SAFE_INTEGER / 1000) {
    const ms = amount * unit.unitMs;
    const deadline = unit.isAbsolute ? ms : now + ms;
    if (Number.isSafeInteger(deadline)) return deadline;
  }
  return exactDeadline(BigInt(amount), unit, now);
}

/** The same in 64 bits: a deadline that a double cannot hold exactly is so far away that the nearest one serves. */
function exactDeadline(amount: bigint, unit: Omit<TimeUnit, 'word'>, now: number): number | typeof OUT_OF_RANGE {
  const ms = amount * BigInt(unit.unitMs);
  const deadline = unit.isAbsolute ? ms : ms + BigInt(now);
  const outOfRange = ms > INT64_MAX || ms < INT64_MIN || deadline > INT64_MAX;
  return outOfRange ? OUT_OF_RANGE : Number(deadline);
}

/** Gives the key of argument 1 a deadline, or removes it when that has passed; logged with the absolute time. */
export function expireOrRemove(context: CommandContext, request: Request, ref: number, deadline: number): void {
  const { keyspace, effect, now } = context;
  if (deadline <= now) {
    keyspace.remove(request.buffer, request.offsets[1], request.lengths[1]);
    effect.replace('DEL', request.bytes(1));
    return;
  }
  keyspace.setDeadline(request.buffer, request.offsets[1], request.lengths[1], ref, deadline);
  if (effect.isRecording) effect.replace('PEXPIREAT', request.bytes(1), String(deadline));
}
