import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Store } from '../../src/keyspace/store.js';
import { RdbDecoder } from '../../src/persistence/rdb-decoder.js';
import { RdbEncoder } from '../../src/persistence/rdb-encoder.js';
import { RdbLoader } from '../../src/persistence/rdb-loader.js';
import { encodeCommand } from '../../src/resp/encode.js';
import { RawConnection } from '../support/raw-connection.js';
import { redisAvailable, startRedis } from '../support/redis-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const run = promisify(execFile);
const FAR_FUTURE_MS = 4_102_444_800_123;
const DATABASES = ['--databases', '1000'];

/** `database key value deadlineMs`, one per key: long values by length and last byte. */
type Contents = (readonly [database: number, key: string, value: string, deadlineMs: number])[];

function save(store: Store, tenants: ReadonlyMap<number, string> = new Map()): Buffer {
  const pieces: Buffer[] = [];
  const encoder = new RdbEncoder(store, (piece) => pieces.push(piece));
  encoder.begin({ createdAtMs: 1_700_000_000_000, tenants });
  const snapshot = store.beginSnapshot(encoder);
  while (snapshot.step(2));
  encoder.end();
  return Buffer.concat(pieces);
}

function storeWith(contents: Contents): Store {
  const store = new Store();
  for (const [database, keyText, valueText, deadlineMs] of contents) {
    const keyspace = store.keyspace(database);
    const key = Buffer.from(keyText, 'latin1');
    const value = Buffer.from(valueText, 'latin1');
    const ref = keyspace.setString(key, 0, key.length, value, 0, value.length, false);
    if (deadlineMs >= 0) keyspace.setDeadline(key, 0, key.length, ref, deadlineMs);
  }
  return store;
}

function contentsOf(store: Store): Contents {
  const contents: Contents = [];
  for (const keyspace of store.keyspaces()) {
    keyspace.forEach((ref) => {
      const key = keyspace.keyOf(ref).toString('latin1');
      contents.push([keyspace.database, key, keyspace.value(ref).toString('latin1'), keyspace.deadline(ref)]);
    });
  }
  return sorted(contents);
}

function sorted(contents: Contents): Contents {
  const name = ([database, key]: Contents[number]): string => `${String(database)}/${key}`;
  return [...contents].sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

function load(bytes: Buffer, chunkBytes = 1000): { store: Store; tenants: ReadonlyMap<number, string> } {
  const store = new Store();
  const loader = new RdbLoader(store);
  const decoder = new RdbDecoder(loader);
  for (let at = 0; at < bytes.length; at += chunkBytes) decoder.feed(bytes.subarray(at, at + chunkBytes));
  assert.ok(decoder.isDone);
  return { store, tenants: loader.tenants };
}

const contents: Contents = sorted([
  [0, 'plain', 'value', -1],
  [0, '', 'an empty key', -1],
  [0, 'empty value', '', -1],
  [0, 'binary \0\r\n\xff', '\xfe\0\r\n', -1],
  [0, 'integer', '12345', -1],
  [0, 'large', 'x'.repeat(300_000), -1],
  [0, 'k'.repeat(20_000), 'a long key', FAR_FUTURE_MS],
  [3, 'expires', 'later', FAR_FUTURE_MS],
  [999, 'of a tenant', 'y'.repeat(70_000), -1],
]);

/** Where redis-server is not installed these are reported as pending. */
const describeWithRedis = redisAvailable() ? describe : describe.skip;

describe('RDB files', () => {
  it('come back as they were, tenants included', () => {
    const tenants = new Map([
      [3, 'acme'],
      [999, 'globex'],
    ]);
    const loaded = load(save(storeWith(contents), tenants));
    assert.deepEqual(contentsOf(loaded.store), contents);
    assert.deepEqual(loaded.tenants, tenants);
  });

  it('of an empty store are valid', () => {
    assert.deepEqual(contentsOf(load(save(new Store())).store), []);
  });
});

describeWithRedis('RDB files and redis-server', function () {
  this.timeout(30_000);

  it('redis-check-rdb accepts what is written', async () => {
    await using folder = await temporaryFolder('rdb');
    const file = path.join(folder.path, 'dump.rdb');
    await writeFile(file, save(storeWith(contents), new Map([[3, 'acme']])));
    const { stdout } = await run('redis-check-rdb', [file], { timeout: 10_000 });
    assert.match(stdout, /RDB looks OK/);
    assert.match(stdout, new RegExp(`${String(contents.length)} keys read`));
    assert.match(stdout, /2 expires/);
  });

  it('redis-server loads what is written', async () => {
    const redis = await startRedis([...DATABASES, '--enable-debug-command', 'local']);
    try {
      await writeFile(path.join(redis.folder, 'dump.rdb'), save(storeWith(contents)));
      await using connection = await RawConnection.open(redis.port);
      const ask = async (...words: string[]): Promise<string> => {
        connection.send(encodeCommand(words.map((word) => Buffer.from(word, 'latin1'))));
        return (await connection.reply()).toString('latin1');
      };
      assert.equal(await ask('DEBUG', 'RELOAD', 'NOSAVE', 'NOFLUSH'), '+OK\r\n');
      for (const [database, key, value, deadlineMs] of contents) {
        await ask('SELECT', String(database));
        assert.equal(await ask('GET', key), `$${String(value.length)}\r\n${value}\r\n`);
        assert.equal(await ask('PEXPIRETIME', key), `:${String(deadlineMs)}\r\n`);
      }
    } finally {
      await redis.stop();
    }
  });

  it('what redis-server saves is read: integers, compressed and plain strings, deadlines, databases', async () => {
    const more: Contents = sorted([
      ...contents,
      [1, 'int8', '-7', -1],
      [1, 'int16', '-30000', -1],
      [1, 'int32', '2000000000', FAR_FUTURE_MS],
      [1, 'int64', '9007199254740993', -1],
      [1, 'repetitive', 'abcabcabd'.repeat(5_000), -1],
      [1, 'mixed', Array.from({ length: 3_000 }, (_, index) => String(index * index)).join(','), -1],
      ...Array.from({ length: 500 }, (_, index) => [2, `key:${String(index)}`, `value ${String(index)}`, -1] as const),
    ]);
    const redis = await startRedis(DATABASES);
    try {
      await using connection = await RawConnection.open(redis.port);
      const commands: string[][] = [];
      for (const [database, key, value, deadlineMs] of more) {
        commands.push(
          ['SELECT', String(database)],
          ['SET', key, value, ...(deadlineMs < 0 ? [] : ['PXAT', String(deadlineMs)])],
        );
      }
      commands.push(['SAVE']);
      for (const words of commands) connection.send(encodeCommand(words.map((word) => Buffer.from(word, 'latin1'))));
      const replies = await connection.replies(commands.length);
      assert.ok(replies.every((reply) => reply.toString() === '+OK\r\n'));
      const file = await readFile(path.join(redis.folder, 'dump.rdb'));
      for (const chunkBytes of [file.length, 4_096, 1]) {
        assert.deepEqual(contentsOf(load(file, chunkBytes).store), more);
      }
    } finally {
      await redis.stop();
    }
  });

  it('a type that is not supported yet is named', async () => {
    const redis = await startRedis();
    try {
      await using connection = await RawConnection.open(redis.port);
      connection.send(encodeCommand(['RPUSH', 'my-list', 'a']));
      connection.send(encodeCommand(['SAVE']));
      await connection.replies(2);
      const file = await readFile(path.join(redis.folder, 'dump.rdb'));
      assert.throws(() => load(file), {
        code: 'RDB_UNSUPPORTED',
        message: /value type \d+ at byte \d+ \(key "my-list"\)/,
      });
    } finally {
      await redis.stop();
    }
  });
});
