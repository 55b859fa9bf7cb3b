import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ReplicationLog } from '../../src/replication/log.js';
import { StreamApplier } from '../../src/replication/stream-applier.js';
import { Store } from '../../src/keyspace/store.js';
import { encodeCommand } from '../../src/resp/encode.js';

function contentOf(log: ReplicationLog): string {
  let text = '';
  log.read(log.startOffset, (slice) => {
    text += slice.toString();
    return true;
  });
  return text;
}

const encoded = (...commands: string[]): string =>
  commands.map((command) => encodeCommand(command.split(' ')).toString()).join('');

/** An applier that notes what it applies. */
function applier(): { log: ReplicationLog; applied: string[]; take: (bytes: Buffer) => void } {
  const store = new Store();
  store.isMaster = false;
  const log = new ReplicationLog();
  const applied: string[] = [];
  const stream = new StreamApplier(store, log, (database, request) => {
    applied.push(`${database}:${request.copyArguments().join(' ')}`);
  });
  const take = (bytes: Buffer): void => {
    stream.feed(Buffer.from(bytes));
    while (stream.run(Infinity));
  };
  return { log, applied, take };
}

describe('effects that belong together', () => {
  it('stand between MULTI and EXEC in the log, unless there is only one', () => {
    const log = new ReplicationLog();
    log.beginUnit();
    log.endUnit();
    log.beginUnit();
    log.selectDatabase(3);
    log.appendCommand(['SET', 'a', '1']);
    log.endUnit();
    log.beginUnit();
    log.selectDatabase(3);
    log.appendCommand(['SET', 'b', '1']);
    log.selectDatabase(4);
    log.appendCommand(['SET', 'c', '1']);
    log.appendCommand(['DEL', 'd']);
    log.endUnit();
    log.appendCommand(['PING']);
    assert.equal(
      contentOf(log),
      encoded('SELECT 3', 'SET a 1', 'MULTI', 'SET b 1', 'SELECT 4', 'SET c 1', 'DEL d', 'EXEC', 'PING'),
    );
  });

  it('are applied and logged by a replica only when all of them are there, however the stream is cut', () => {
    const stream = Buffer.from(
      encoded('SELECT 2', 'SET a 1', 'MULTI', 'SET b 1', 'SELECT 5', 'SET c 1', 'EXEC', 'DEL a'),
    );
    const before = ['2:SET a 1'];
    const after = [...before, '2:SET b 1', '5:SET c 1'];
    const unitStart = encoded('SELECT 2', 'SET a 1').length;
    const unitEnd = stream.length - encoded('DEL a').length;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 40 }), (sizes) => {
        const { log, applied, take } = applier();
        let at = 0;
        for (let piece = 0; at < stream.length; piece++) {
          const end = Math.min(stream.length, at + sizes[piece % sizes.length]);
          take(stream.subarray(at, end));
          at = end;
          const isInside = at >= unitStart && at < unitEnd;
          if (isInside) assert.deepEqual([applied, log.endOffset], [before, unitStart]);
          if (at >= unitEnd && at < stream.length) assert.deepEqual([applied, log.endOffset], [after, unitEnd]);
        }
        assert.deepEqual(applied, [...after, '5:DEL a']);
        assert.equal(contentOf(log), stream.toString());
      }),
    );
  });

  it('that are nested or have no beginning are damage', () => {
    assert.throws(() => applier().take(Buffer.from(encoded('MULTI', 'MULTI'))), /MULTI inside MULTI/);
    assert.throws(() => applier().take(Buffer.from(encoded('EXEC'))), /EXEC without MULTI/);
  });
});
