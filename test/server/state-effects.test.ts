import assert from 'node:assert/strict';
import { encodeCommand } from '../../src/resp/encode.js';
import { startServer } from '../../src/server/server.js';
import { RawConnection } from '../support/raw-connection.js';

const TOO_LONG_KEY = 'k'.repeat(70_000);

describe('a write that fails half way', () => {
  it('is logged as what it did and not as what it was asked for', async () => {
    const server = await startServer({ port: 0 });
    const { log } = server.instance.replication;
    log.attach({ neededFrom: 0, onAppend: () => undefined, onDropped: () => undefined });
    const connection = await RawConnection.open(server.port);
    try {
      connection.send(encodeCommand(['MSET', 'first', '1', TOO_LONG_KEY, '2']));
      assert.match(String((await connection.replies(1))[0]), /^-ERR .*key/);
      const logged: Buffer[] = [];
      log.read(log.startOffset, (slice) => logged.push(Buffer.from(slice)) > 0);
      const text = Buffer.concat(logged).toString();
      assert.match(text, /SET\r\n\$5\r\nfirst\r\n\$1\r\n1\r\n/);
      assert.doesNotMatch(text, /MSET/);
    } finally {
      await connection[Symbol.asyncDispose]();
      await server.stop();
    }
  });
});
