import assert from 'node:assert/strict';
import { Args, Flags, Parser } from '@oclif/core';
import { integer, string } from '../../src/cli/oclif.js';
import { isParseError, unknownCommand, usageErrorFrom } from '../../src/cli/usage-errors.js';
import { ExitCode, type RedNodeError } from '../../src/errors.js';

const input = {
  args: { key: Args.string({ required: true, ignoreStdin: true }) },
  flags: {
    json: Flags.boolean(),
    ttl: integer({ min: 1 }),
    masters: integer({ min: 1, max: 100 }),
    level: string({ options: ['info', 'warn'] }),
  },
};

async function usageErrorOf(argv: string[]): Promise<RedNodeError> {
  try {
    await Parser.parse(argv, input);
  } catch (error) {
    assert.ok(isParseError(error));
    return usageErrorFrom(error, 'cluster up');
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

  const badValues: readonly (readonly [flag: string, value: string, reason: string])[] = [
    ['--ttl', 'soon', 'is not a whole number of at least 1'],
    ['--masters', '0', 'is not a whole number from 1 to 100'],
    ['--masters', '101', 'is not a whole number from 1 to 100'],
    ['--masters', '1.5', 'is not a whole number from 1 to 100'],
    ['--level', 'loud', 'is none of info, warn'],
  ];
  for (const [flag, value, reason] of badValues) {
    it(`a bad value is told with what is allowed: ${flag} ${value}`, async () => {
      const error = await usageErrorOf(['k', flag, value]);
      assert.equal(error.exitCode, ExitCode.usage);
      assert.equal(error.code, 'BAD_VALUE');
      assert.equal(error.message, `${flag} "${value}" ${reason}`);
      assert.equal(error.hint, 'rednode cluster up --help');
    });
  }

  it('the limits of a number are allowed themselves', async () => {
    const { flags } = await Parser.parse(['k', '--masters', '100', '--ttl', '1'], input);
    assert.deepEqual([flags.masters, flags.ttl], [100, 1]);
  });
});

describe('words that name no command', () => {
  const ids = ['get', 'cluster:up', 'cluster:status', 'cluster:ls', 'tenant:create'];

  it('suggest the nearest command', () => {
    assert.match(unknownCommand(['gte', 'k'], ids).hint ?? '', /^rednode get/);
  });

  it('suggest the command of a topic that ends so', () => {
    assert.match(unknownCommand(['status'], ids).hint ?? '', /^rednode cluster status,/);
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
