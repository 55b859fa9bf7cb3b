import assert from 'node:assert/strict';
import { Pacer } from '../../../src/client/bench/pacer.js';
import { eventually } from '../../support/eventually.js';

describe('pacing', () => {
  it('gives out what is due, whether or not it was asked in time', () => {
    let now = 1000;
    const pacer = new Pacer(100, () => now);
    pacer.start();
    assert.equal(pacer.take(10), 1);
    assert.equal(pacer.take(10), 0);
    now += 10;
    assert.equal(pacer.take(10), 1);
    now += 200;
    assert.equal(pacer.take(16), 16);
    assert.equal(pacer.take(16), 4);
    assert.equal(pacer.take(16), 0);
  });

  it('tells when each request was due, so that a delay counts', () => {
    let now = 0;
    const pacer = new Pacer(100, () => now);
    pacer.start();
    now = 500;
    assert.equal(pacer.take(3), 3);
    assert.deepEqual([pacer.intendedAtMs(3), pacer.intendedAtMs(2), pacer.intendedAtMs(1)], [0, 10, 20]);
  });

  it('wakes idle clients one for each batch that is due, first come first served, and all of them in the end', async () => {
    let now = 0;
    const pacer = new Pacer(1000, () => now);
    const fired: string[] = [];
    const client = (name: string) => ({
      fire: () => {
        fired.push(name);
        pacer.take(1);
      },
    });
    pacer.start();
    assert.equal(pacer.take(1), 1);
    for (const name of ['a', 'b', 'c', 'd']) pacer.park(client(name));
    now = 2;
    await eventually(() => fired.length === 2);
    assert.deepEqual(fired, ['a', 'b']);
    pacer.stop();
    assert.deepEqual(fired, ['a', 'b', 'c', 'd']);
  });
});
