/** The parts of oclif that are used, by its narrow entry points: its index loads twice as much as a start needs. */
import type { Interfaces } from '@oclif/core';
import { boolean as optionalBoolean, custom } from '@oclif/core/flags';

export { string } from '@oclif/core/flags';
export { string as stringArgument } from '@oclif/core/args';
export { Command } from '@oclif/core/command';
export { Config, Plugin } from '@oclif/core/config';
export { Help, normalizeArgv } from '@oclif/core/help';
export { helpAddition, versionAddition } from '@oclif/core/run';

interface SwitchOptions {
  readonly summary: string;
  readonly char?: Interfaces.AlphabetLowercase;
  readonly helpGroup?: string;
}

/** A flag without a value; false when it is not given, where oclif's own is undefined in spite of its type. */
export function boolean(options: SwitchOptions): Interfaces.BooleanFlag<boolean> {
  return optionalBoolean({ default: false, ...options });
}

/** A flag with a whole number from `min` to `max`. In place of oclif's own, whose error tells one limit at the most. */
export const integer = custom<number, { min?: number; max?: number }>({
  multiple: false,
  parse(input, _context, { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER }) {
    const value = /^-?\d+$/.test(input) ? Number(input) : NaN;
    if (value >= min && value <= max) return Promise.resolve(value);
    return Promise.reject(new Error(`${JSON.stringify(input)} is not ${describeNumber(min, max)}`));
  },
});

function describeNumber(min: number, max: number): string {
  const isBelowLimited = min > Number.MIN_SAFE_INTEGER;
  if (max < Number.MAX_SAFE_INTEGER) {
    return isBelowLimited ? `a whole number from ${min} to ${max}` : `a whole number of at most ${max}`;
  }
  return isBelowLimited ? `a whole number of at least ${min}` : 'a whole number';
}
