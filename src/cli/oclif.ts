/** The parts of oclif that are used, by its narrow entry points: its index loads twice as much as a start needs. */
export { boolean, custom, integer, string } from '@oclif/core/flags';
export { string as stringArgument } from '@oclif/core/args';
export { Command } from '@oclif/core/command';
export { Config, Plugin } from '@oclif/core/config';
export { normalizeArgv } from '@oclif/core/help';
export { run } from '@oclif/core/run';
