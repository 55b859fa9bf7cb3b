/** Which command lines are run without oclif: plain ones, and no other. */
import assert from 'node:assert/strict';
import { parsePlainLine, runQuickCommand } from '../../src/cli/quick-command.js';

describe('a plain command line', () => {
  const plain: readonly (readonly [string[], string[], Record<string, unknown>])[] = [
    [['k'], ['k'], { json: false }],
    [['k', 'v', '--json'], ['k', 'v'], { json: true }],
    [['--url', 'redis://h', 'k'], ['k'], { json: false, url: 'redis://h' }],
    [['-c', 'one', 'k', '--tenant', 'acme', '--debug'], ['k'], { json: false, cluster: 'one', tenant: 'acme' }],
    [['--json', '--', '-k', '--url'], ['-k', '--url'], { json: true }],
    [['', ' '], ['', ' '], { json: false }],
  ];
  for (const [argv, words, flags] of plain) {
    it(`has its words and flags: ${JSON.stringify(argv)}`, () => {
      assert.deepEqual(parsePlainLine(argv), { words, flags });
    });
  }

  const others: readonly string[][] = [
    ['k', '--help'],
    ['k', '-h'],
    ['k', '--url=redis://h'],
    ['k', '-cone'],
    ['k', '--url'],
    ['k', '--url', '--json'],
    ['k', '--url', 'redis://a', '--url', 'redis://b'],
    ['k', '-c', 'one', '--cluster', 'two'],
    ['k', '--ttl', '1'],
    ['-'],
    ['-1'],
  ];
  for (const argv of others) {
    it(`is left to oclif with anything else: ${JSON.stringify(argv)}`, () => {
      assert.equal(parsePlainLine(argv), undefined);
    });
  }

  const notRun: readonly string[][] = [
    [],
    ['get'],
    ['get', 'a', 'b'],
    ['set', 'k'],
    ['del'],
    ['ttl'],
    ['keys', '*'],
    ['--version'],
  ];
  for (const argv of notRun) {
    it(`is not run with too few words, too many, or another command: ${JSON.stringify(argv)}`, async () => {
      assert.equal(await runQuickCommand(argv), false);
    });
  }
});
