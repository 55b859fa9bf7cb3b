import assert from 'node:assert/strict';
import { ClientTransaction, type PinnedConnection } from '../../src/client/transaction.js';
import { ConnectionCode } from '../../src/client/connection-errors.js';
import type { ClientNode, CommandWords } from '../../src/client/types.js';
import { commandTable } from '../../src/command-table/index.js';
import { ExitCode, RedNodeError } from '../../src/errors.js';
import type { Reply } from '../../src/resp/reply.js';

const node: ClientNode = {
  name: 'n1',
  host: '127.0.0.1',
  port: 1,
  role: 'master',
  health: 'online',
  slots: [],
  slotCount: 0,
  replicationOffset: 0,
};

class FakeConnection implements PinnedConnection {
  readonly node = node;
  readonly sent: string[] = [];
  isOpen = true;
  failure: Error | undefined;

  send(words: CommandWords): Promise<Reply> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.sent.push(words.join(' '));
    return Promise.resolve({ type: 'simple', value: 'OK' });
  }

  close(): Promise<void> {
    this.isOpen = false;
    return Promise.resolve();
  }
}

describe('the transaction of a client', () => {
  let opened: FakeConnection[];
  let transaction: ClientTransaction;

  const begin = (isCluster: boolean): void => {
    opened = [];
    transaction = new ClientTransaction({
      table: commandTable,
      isCluster: () => isCluster,
      ownerOf: () => node,
      open: () => {
        const connection = new FakeConnection();
        opened.push(connection);
        return Promise.resolve(connection);
      },
    });
  };
  const run = async (...lines: string[]): Promise<unknown[]> => {
    const values: unknown[] = [];
    for (const line of lines) {
      const { reply } = await transaction.execute(line.split(' '));
      values.push('value' in reply ? reply.value : reply.type);
    }
    return values;
  };

  it('of one server is sent as it is typed', async () => {
    begin(false);
    await run('MULTI', 'PING', 'SET a 1', 'SET b 1', 'EXEC');
    assert.deepEqual(opened[0].sent, ['MULTI', 'PING', 'SET a 1', 'SET b 1', 'EXEC']);
    assert.deepEqual([opened.length, opened[0].isOpen, transaction.isActive], [1, false, false]);
  });

  it('of a cluster without any key goes to some node at EXEC, and to none at DISCARD', async () => {
    begin(true);
    assert.deepEqual(await run('MULTI', 'PING', 'DISCARD'), ['OK', 'QUEUED', 'OK']);
    assert.equal(opened.length, 0);
    await run('MULTI', 'PING', 'EXEC');
    assert.deepEqual(opened[0].sent, ['MULTI', 'PING', 'EXEC']);
  });

  it('takes its five commands, and all others only while it is open', async () => {
    begin(true);
    const takes = (line: string): boolean => transaction.takes(line.split(' '));
    assert.deepEqual(['multi', 'watch k', 'multi now', 'watch', 'get k'].map(takes), [true, true, false, false, false]);
    await run('MULTI');
    assert.deepEqual(['get k', 'nosuch', 'exec'].map(takes), [true, true, true]);
  });

  it('that has lost its connection executes nothing more, until it is given up', async () => {
    begin(true);
    await run('MULTI', 'SET a 1');
    opened[0].isOpen = false;
    await assert.rejects(run('SET a 2'), { code: 'TRANSACTION_LOST' });
    assert.equal(transaction.isOpen, true);
    assert.deepEqual(await run('DISCARD'), ['OK']);
    await run('WATCH a');
    opened[1].isOpen = false;
    await assert.rejects(run('MULTI'), { code: 'TRANSACTION_LOST' });
    assert.deepEqual(await run('UNWATCH', 'MULTI', 'SET a 3', 'EXEC'), ['OK', 'OK', 'OK', 'OK']);
  });

  it('whose connection breaks amid EXEC has an unknown outcome', async () => {
    begin(true);
    await run('MULTI', 'SET a 1');
    opened[0].failure = new RedNodeError(ConnectionCode.lost, 'gone', ExitCode.unreachable);
    await assert.rejects(run('EXEC'), { code: 'OUTCOME_UNKNOWN' });
    assert.equal(transaction.isActive, false);
  });
});
