import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ReplicationLog, type DropReason, type LogFollower } from '../../src/replication/log.js';

class RecordingFollower implements LogFollower {
  neededFrom = 0;
  wakes = 0;
  dropped: DropReason | undefined;

  onAppend(): void {
    this.wakes++;
  }

  onDropped(reason: DropReason): void {
    this.dropped = reason;
  }
}

const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });

function appendText(log: ReplicationLog, text: string): void {
  log.append(Buffer.from(text), 0, text.length);
}

function textFrom(log: ReplicationLog, offset: number): string {
  let text = '';
  log.read(offset, (slice) => {
    text += slice.toString('latin1');
    return true;
  });
  return text;
}

describe('ReplicationLog', () => {
  it('gives back from any kept offset what was appended', () => {
    const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 150 }), { maxLength: 40 });
    fc.assert(
      fc.property(pieces, fc.nat(), (texts, seed) => {
        const log = new ReplicationLog({ chunkBytes: 32, backlogBytes: 100 });
        for (const text of texts) appendText(log, text);
        const whole = texts.join('');
        assert.equal(log.endOffset, whole.length);
        assert.ok(log.endOffset - log.startOffset >= Math.min(whole.length, 100));
        const offset = log.startOffset + (seed % (log.endOffset - log.startOffset + 1));
        assert.equal(textFrom(log, offset), whole.slice(offset));
      }),
    );
  });

  it('keeps no more than the backlog and one chunk when nobody lags', () => {
    const log = new ReplicationLog({ chunkBytes: 32, backlogBytes: 100 });
    for (let count = 0; count < 100; count++) appendText(log, 'x'.repeat(20));
    assert.ok(log.endOffset - log.startOffset <= 100 + 2 * 32);
  });

  it('keeps what a follower still needs beyond the backlog', () => {
    const log = new ReplicationLog({ chunkBytes: 32, backlogBytes: 64, maxPinnedBytes: 10_000 });
    const follower = new RecordingFollower();
    log.attach(follower);
    for (let count = 0; count < 100; count++) appendText(log, 'x'.repeat(20));
    assert.ok(log.canResume(log.replicationId, 0));
    follower.neededFrom = log.endOffset;
    for (let count = 0; count < 5; count++) appendText(log, 'x'.repeat(20));
    assert.equal(log.canResume(log.replicationId, 1_800), false);
  });

  it('drops a follower that is further behind than may be pinned', () => {
    const log = new ReplicationLog({ chunkBytes: 32, backlogBytes: 64, maxPinnedBytes: 500 });
    const follower = new RecordingFollower();
    log.attach(follower);
    for (let count = 0; count < 50; count++) appendText(log, 'x'.repeat(20));
    assert.equal(follower.dropped, 'too-far-behind');
    assert.ok(log.startOffset > 0);
  });

  it('obeys new limits at once', () => {
    const log = new ReplicationLog({ backlogBytes: 1000, maxPinnedBytes: 1000, chunkBytes: 10 });
    const follower = new RecordingFollower();
    log.attach(follower);
    appendText(log, 'x'.repeat(500));
    assert.equal(log.startOffset, 0);
    log.setLimits({ backlogBytes: 100, maxPinnedBytes: Infinity });
    assert.deepEqual([log.startOffset, follower.dropped], [0, undefined]);
    log.setLimits({ backlogBytes: 100, maxPinnedBytes: 400 });
    assert.equal(follower.dropped, 'too-far-behind');
    const keptBytes = log.endOffset - log.startOffset;
    assert.ok(keptBytes >= 100 && keptBytes < 120, `${keptBytes}`);
  });

  it('wakes a follower once per turn, however much was appended', async () => {
    const log = new ReplicationLog();
    const follower = new RecordingFollower();
    log.attach(follower);
    for (let count = 0; count < 100; count++) appendText(log, 'x');
    await nextTurn();
    assert.equal(follower.wakes, 1);
    appendText(log, 'x');
    await nextTurn();
    assert.equal(follower.wakes, 2);
    log.detach(follower);
    appendText(log, 'x');
    await nextTurn();
    assert.equal(follower.wakes, 2);
  });

  it('writes SELECT only when the database changes, and once more where a follower starts', () => {
    const log = new ReplicationLog();
    for (const database of [0, 0, 3, 3]) {
      log.selectDatabase(database);
      log.appendCommand(['PING']);
    }
    log.repeatSelect();
    assert.equal(log.database, 3);
    log.selectDatabase(3);
    const commands = textFrom(log, 0).replaceAll('\r\n', ' ').split('*').slice(1);
    const names = commands.map((command) => command.trim());
    const ping = '1 $4 PING';
    const select = (database: number): string => `2 $6 SELECT $1 ${String(database)}`;
    assert.deepEqual(names, [select(0), ping, ping, select(3), ping, ping, select(3)]);
  });

  it('can be resumed under its id only, within what it keeps, and only once something has followed it', () => {
    const log = new ReplicationLog({ chunkBytes: 32, backlogBytes: 64 });
    assert.equal(log.canResume(log.replicationId, 0), false);
    log.attach(new RecordingFollower());
    assert.equal(log.canResume(log.replicationId, 0), true);
    assert.equal(log.canResume('f'.repeat(40), 0), false);
    assert.equal(log.canResume(log.replicationId, 1), false);
    appendText(log, 'x'.repeat(10));
    assert.equal(log.canResume(log.replicationId, 10), true);
    assert.equal(log.canResume(log.replicationId, Number.NaN), false);
    assert.equal(log.canResume(log.replicationId, -2), false);
  });

  it('stays resumable under the old id up to the offset of the promotion', () => {
    const log = new ReplicationLog();
    const master = 'a'.repeat(40);
    log.resetTo(master, 1000);
    appendText(log, 'x'.repeat(10));
    log.startNewHistory();
    appendText(log, 'y'.repeat(10));
    assert.notEqual(log.replicationId, master);
    assert.match(log.replicationId, /^[0-9a-f]{40}$/);
    assert.equal(log.secondaryId, master);
    assert.equal(log.secondaryIdEndOffset, 1010);
    assert.equal(log.canResume(master, 1010), true);
    assert.equal(log.canResume(master, 1011), false);
    assert.equal(log.canResume(log.replicationId, 1015), true);
    assert.equal(log.canResume(master, 999), false);
  });

  it('drops its followers and cannot be resumed once it is invalid', () => {
    const log = new ReplicationLog();
    const follower = new RecordingFollower();
    log.attach(follower);
    const id = log.replicationId;
    log.invalidate();
    assert.equal(follower.dropped, 'history-replaced');
    assert.equal(log.isActive, false);
    assert.equal(log.canResume(id, 0), false);
  });
});
