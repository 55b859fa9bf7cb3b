import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  formatBytes,
  formatDuration,
  formatSlotRanges,
  formatUptime,
  parseDurationMs,
  parseSizeBytes,
  plural,
} from '../../src/cli/formats.js';
import { RedNodeError } from '../../src/errors.js';

describe('numbers for people', () => {
  it('bytes have a unit and at most one digit behind the point', () => {
    assert.equal(formatBytes(0), '0 B');
    assert.equal(formatBytes(1023), '1023 B');
    assert.equal(formatBytes(1536), '1.5 KiB');
    assert.equal(formatBytes(64 * 1024 * 1024), '64 MiB');
    assert.equal(formatBytes(150.4 * 1024), '150 KiB');
  });

  it('bytes of any size take at most ten columns', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 46 }), (size) => formatBytes(size).length <= 10));
  });

  it('durations choose the unit that a reader would', () => {
    assert.equal(formatDuration(3.4), '3 ms');
    assert.equal(formatDuration(420), '420 ms');
    assert.equal(formatDuration(1420), '1.42 s');
    assert.equal(formatDuration(12_900), '12 s');
    assert.equal(formatDuration(245_000), '4m 05s');
    assert.equal(formatDuration(11_520_000), '3h 12m');
    assert.equal(formatDuration(187_200_000), '2d 4h');
  });

  it('an uptime is in whole units', () => {
    assert.equal(formatUptime(400), '0 s');
    assert.equal(formatUptime(4200), '4 s');
    assert.equal(formatUptime(61_000), '1m 01s');
  });

  it('one is not many', () => {
    assert.equal(plural(1, 'key'), '1 key');
    assert.equal(plural(0, 'key'), '0 keys');
  });

  it('a long list of slot ranges is cut and says so', () => {
    const ranges = [1, 3, 5, 7, 9, 11].map((start) => ({ start, end: start }));
    assert.equal(formatSlotRanges([{ start: 0, end: 5460 }]), '0-5460');
    assert.equal(formatSlotRanges(ranges, 4), '1, 3, 5, 7 and 2 more');
  });
});

describe('numbers from people', () => {
  it('a bare duration is in seconds, a unit says otherwise', () => {
    assert.equal(parseDurationMs('10', '--ttl'), 10_000);
    assert.equal(parseDurationMs('0.5', '--ttl'), 500);
    assert.equal(parseDurationMs('250ms', '--ttl'), 250);
    assert.equal(parseDurationMs('5m', '--ttl'), 300_000);
    assert.equal(parseDurationMs('1.5H', '--ttl'), 5_400_000);
    assert.equal(parseDurationMs('2d', '--ttl'), 172_800_000);
  });

  for (const text of ['', '0', '-1', '10 minutes', 'abc', '1e3', '99999999999999999d']) {
    it(`${JSON.stringify(text)} is not a duration, and the error says how one looks`, () => {
      assert.throws(
        () => parseDurationMs(text, '--ttl'),
        (error) => error instanceof RedNodeError && error.exitCode === 2 && error.hint !== undefined,
      );
    });
  }

  it('sizes have the units of redis.conf', () => {
    assert.equal(parseSizeBytes('1048576', '--max-memory'), 1_048_576);
    assert.equal(parseSizeBytes('1k', '--max-memory'), 1000);
    assert.equal(parseSizeBytes('1kb', '--max-memory'), 1024);
    assert.equal(parseSizeBytes('64MB', '--max-memory'), 67_108_864);
    assert.equal(parseSizeBytes('2 gib', '--max-memory'), 2_147_483_648);
    assert.throws(() => parseSizeBytes('64 elephants', '--max-memory'), /is not a size/);
  });
});
