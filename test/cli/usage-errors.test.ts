import assert from 'node:assert/strict';
import { Args, Flags, Parser } from '@oclif/core';
import { isParseError, unknownCommand, usageErrorFrom } from '../../src/cli/usage-errors.js';
import { ExitCode, type RedNodeError } from '../../src/errors.js';

const input = {
  args: { key: Args.string({ required: true, ignoreStdin: true }) },
  flags: { json: Flags.boolean(), ttl: Flags.integer({ min: 1 }) },
};

async function usageErrorOf(argv: string[]): Promise<RedNodeError> {
  try {
    await Parser.parse(argv, input);
  } catch (error) {
    assert.ok(isParseError(error));
    return usageErrorFrom(error);
  }
  throw new Error('the parser accepted it');
}

describe("oclif's parse errors", () => {
  it('an unknown flag suggests the nearest one', async () => {
    const error = await usageErrorOf(['k', '--jsn']);
    assert.equal(error.exitCode, ExitCode.usage);
    assert.equal(error.message, 'unknown flag --jsn');
    assert.match(error.hint ?? '', /^--json/);
  });

  it('a missing argument is named', async () => {
    assert.equal((await usageErrorOf([])).message, 'missing argument: KEY');
  });

  it('one argument too many is named', async () => {
    assert.equal((await usageErrorOf(['a', 'b'])).message, 'unexpected argument: b');
  });

  it('a bad value is a usage error of one line', async () => {
    const error = await usageErrorOf(['k', '--ttl', 'soon']);
    assert.equal(error.exitCode, ExitCode.usage);
    assert.doesNotMatch(error.message, /\n|See more help/);
  });
});

describe('words that name no command', () => {
  const ids = ['get', 'cluster:up', 'cluster:status', 'cluster:ls', 'tenant:create'];

  it('suggest the nearest command', () => {
    assert.match(unknownCommand(['gte', 'k'], ids).hint ?? '', /^rednode get/);
    assert.match(unknownCommand(['cluster', 'stauts'], ids).hint ?? '', /^rednode cluster status/);
    assert.match(unknownCommand(['clutser'], ids).hint ?? '', /^rednode cluster/);
  });

  it('suggest the help when nothing is near', () => {
    assert.equal(unknownCommand(['frobnicate'], ids).hint, 'rednode --help');
  });

  it('behind a command that takes none are named as such', () => {
    assert.equal(unknownCommand(['cluster', 'ls', 'x'], ids).message, 'rednode cluster ls takes no argument: x');
  });

  it('have the exit code of a usage error', () => {
    assert.equal(unknownCommand(['x'], ids).exitCode, ExitCode.usage);
  });
});
