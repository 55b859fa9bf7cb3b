/** The parts of oclif that are used, by its narrow entry points: its index loads twice as much as a start needs. */
import type { Interfaces } from '@oclif/core';
import { boolean as optionalBoolean } from '@oclif/core/flags';

export { integer, string } from '@oclif/core/flags';
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
