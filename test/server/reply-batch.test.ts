import assert from 'node:assert/strict';
import { ReplyBatch, type ReplyReceiver } from '../../src/server/reply-batch.js';

class Receiver implements ReplyReceiver {
  readonly received: Buffer[] = [];

  constructor(private readonly retains = false) {}

  sendReplies(bytes: Buffer): boolean {
    this.received.push(bytes);
    return this.retains;
  }

  get text(): string {
    return Buffer.concat(this.received).toString();
  }
}

function answer(batch: ReplyBatch, receiver: ReplyReceiver, text: string): void {
  const start = batch.writer.length;
  batch.writer.simple(text);
  batch.add(receiver, start);
}

describe('the replies of a turn of the event loop', () => {
  it('reach each connection in order, and only its own', () => {
    const batch = new ReplyBatch();
    const [a, b] = [new Receiver(), new Receiver()];
    answer(batch, a, '1');
    answer(batch, b, '2');
    answer(batch, a, '3');
    answer(batch, a, '4');
    assert.deepEqual([a.text, b.text], ['', '']);
    batch.flush();
    assert.deepEqual([a.text, b.text], ['+1\r\n+3\r\n+4\r\n', '+2\r\n']);
    assert.equal(a.received.length, 2, 'what lies together is written at once');
  });

  it('leave by themselves when the turn ends', async () => {
    const batch = new ReplyBatch();
    const receiver = new Receiver();
    answer(batch, receiver, 'late');
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(receiver.text, '+late\r\n');
  });

  it('stay as they were for a socket that is not done with them', () => {
    const batch = new ReplyBatch();
    const slow = new Receiver(true);
    answer(batch, slow, 'first');
    batch.flush();
    answer(batch, new Receiver(), 'other');
    batch.flush();
    assert.equal(slow.text, '+first\r\n');
  });

  it('leave early when much has gathered', () => {
    const batch = new ReplyBatch();
    const receiver = new Receiver();
    answer(batch, receiver, 'x'.repeat(300_000));
    assert.equal(receiver.text.length, 300_003);
    assert.equal(batch.writer.length, 0);
  });
});
