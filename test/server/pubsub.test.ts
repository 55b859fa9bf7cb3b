import assert from 'node:assert/strict';
import { Pubsub, Subscriptions } from '../../src/server/pubsub.js';

class Listener {
  readonly received: string[] = [];

  constructor(readonly protocol: 2 | 3 = 2) {}

  push(bytes: Buffer): void {
    this.received.push(bytes.toString());
  }
}

const bytes = (text: string): Buffer => Buffer.from(text);

describe('publish and subscribe', () => {
  let pubsub: Pubsub;
  beforeEach(() => {
    pubsub = new Pubsub();
  });

  it('delivers to channels and patterns, once per subscription, and counts the receivers', () => {
    const listener = new Listener();
    pubsub.subscribe(0, 'channel', bytes('news'), listener);
    pubsub.subscribe(0, 'pattern', bytes('n*'), listener);
    assert.equal(pubsub.publish(0, bytes('news'), bytes('hi')), 2);
    assert.deepEqual(listener.received, [
      '*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n',
      '*4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$2\r\nhi\r\n',
    ]);
  });

  it('speaks to each listener in its own protocol version', () => {
    const [old, modern] = [new Listener(2), new Listener(3)];
    for (const listener of [old, modern]) pubsub.subscribe(0, 'channel', bytes('c'), listener);
    pubsub.publish(0, bytes('c'), bytes('m'));
    assert.equal(old.received[0][0], '*');
    assert.equal(modern.received[0][0], '>');
  });

  it('keeps tenants apart', () => {
    const listener = new Listener();
    pubsub.subscribe(1, 'channel', bytes('c'), listener);
    pubsub.subscribe(1, 'pattern', bytes('*'), listener);
    assert.equal(pubsub.publish(0, bytes('c'), bytes('m')), 0);
    assert.deepEqual(pubsub.channels(0, undefined), []);
    assert.equal(pubsub.patternCount(0), 0);
    assert.equal(pubsub.publish(1, bytes('c'), bytes('m')), 2);
  });

  it('takes channel names of any bytes', () => {
    const listener = new Listener();
    const name = Buffer.from([0xff, 0x00, 0x0a, 0xc3]);
    pubsub.subscribe(0, 'channel', name, listener);
    assert.equal(pubsub.publish(0, name, bytes('m')), 1);
    assert.deepEqual(pubsub.channels(0, undefined), [name]);
  });

  it('forgets a connection that is gone, and channels without listeners', () => {
    const listener = new Listener();
    const subscriptions = new Subscriptions(pubsub, listener, () => 0);
    subscriptions.subscribe('channel', bytes('a'));
    subscriptions.subscribe('channel', bytes('a'));
    subscriptions.subscribe('pattern', bytes('b*'));
    assert.equal(subscriptions.count, 2);
    subscriptions.clear();
    assert.equal(subscriptions.count, 0);
    assert.equal(pubsub.publish(0, bytes('a'), bytes('m')), 0);
    assert.deepEqual(pubsub.channels(0, undefined), []);
    assert.equal(pubsub.patternCount(0), 0);
  });
});
