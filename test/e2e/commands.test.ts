import assert from 'node:assert/strict';
import { freePortBlock } from '../support/free-port.js';
import { jsonErrorOf, Rednode } from './rednode.js';

describe('scripted commands on a cluster', function () {
  this.timeout(60_000);
  let rednode: Rednode;

  before(async () => {
    rednode = await Rednode.create('commands');
    await rednode.ok([
      'cluster',
      'up',
      '--port',
      String(await freePortBlock(6)),
      '--masters',
      '3',
      '--replicas',
      '0',
      '-d',
    ]);
  });

  after(async () => {
    await rednode.dispose();
  });

  it('a value comes back as it was set', async () => {
    assert.equal(await rednode.ok(['set', 'user:42', 'ada']), 'OK');
    assert.equal(await rednode.ok(['get', 'user:42']), 'ada');
    assert.equal(await rednode.json(['get', 'user:42']), 'ada');
  });

  it('values that look like flags and numbers pass through', async () => {
    await rednode.ok(['set', 'n', '-1']);
    assert.equal(await rednode.ok(['get', 'n']), '-1');
    await rednode.ok(['exec', 'SET', 'n', '--json']);
    assert.equal(await rednode.ok(['exec', 'GET', 'n']), '--json');
  });

  it('a missing key is an empty line off a terminal, or null, with exit code 0', async () => {
    assert.equal((await rednode.run(['get', 'nosuch'])).stdout, '');
    assert.equal(await rednode.ok(['exec', 'GET', 'nosuch']), '');
    assert.equal(await rednode.ok(['get', 'nosuch', '--json']), 'null');
  });

  it('the shell prints a JSON value for each command with --json', async () => {
    const commands = ['set j 1', 'get j', 'get nosuch', 'mget j nosuch', 'help get'];
    const lines = (await rednode.ok(['shell', '--json', ...commands.flatMap((command) => ['-e', command])])).split(
      '\n',
    );
    assert.deepEqual(lines.slice(0, 4), ['"OK"', '"1"', 'null', '["1",null]']);
    assert.match(JSON.parse(lines[4]) as string, /GET/);
    assert.equal(lines.length, 5);
  });

  it('the shell ends with one JSON error, which says where it was and holds no secret', async () => {
    const failed = await rednode.run(['shell', '--json'], { input: 'set j x\nincr j\nget j\n' });
    assert.equal(failed.exitCode, 1);
    assert.equal(failed.stdout, '"OK"');
    const error = jsonErrorOf(failed);
    assert.equal(error.exitCode, 1);
    assert.match(String(error.message), /not an integer/);
    const { line, text } = error.context as Record<string, string>;
    assert.deepEqual([line, text], ['2', 'incr j']);
    const refused = await rednode.run(['shell', '--json', '-e', 'auth acme s3cret']);
    assert.equal(jsonErrorOf(refused).code, 'AUTH_FAILED');
    assert.doesNotMatch(refused.stderr, /s3cret/);
  });

  it('falsy results are printed as JSON', async () => {
    assert.equal(await rednode.ok(['del', 'nosuch', '--json']), '0');
    await rednode.ok(['set', 'empty', '']);
    assert.equal(await rednode.ok(['get', 'empty', '--json']), '""');
  });

  it('times to live take units', async () => {
    await rednode.ok(['set', 'session', 'x', '--ttl', '10m']);
    const seconds = Number(await rednode.ok(['ttl', 'session']));
    assert.ok(seconds > 590 && seconds <= 600);
    assert.equal(await rednode.json(['expire', 'session', '1h']), 1);
    assert.ok(((await rednode.json(['ttl', 'session'])) as number) > 3590);
    assert.equal(await rednode.ok(['ttl', 'nosuch']), '-2');
    assert.equal(await rednode.ok(['expire', 'nosuch', '5']), '0');
  });

  it('keys of several nodes are listed, split and merged', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `item:${index}`);
    await rednode.ok(['exec', 'MSET', ...names.flatMap((name) => [name, name])]);
    const listed = (await rednode.ok(['keys', 'item:*'])).split('\n').sort();
    assert.deepEqual(listed, [...names].sort());
    const values = await rednode.ok(['exec', '--json', 'MGET', 'item:0', 'nosuch', 'item:29']);
    assert.deepEqual(JSON.parse(values), ['item:0', null, 'item:29']);
    assert.equal(await rednode.ok(['del', ...names]), '30');
    assert.deepEqual(await rednode.json(['keys', 'item:*']), []);
  });

  it("the server's error is exit code 1, with the command and the node, as text and as JSON", async () => {
    await rednode.ok(['set', 'word', 'abc']);
    const plain = await rednode.run(['exec', 'INCR', 'word']);
    assert.equal(plain.exitCode, 1);
    assert.equal(plain.stdout, '');
    assert.match(
      plain.stderr,
      /^error: ERR value is not an integer or out of range\n {2}command {2}INCR word\n {2}node {5}n\d /,
    );
    const json = await rednode.run(['exec', '--json', 'INCR', 'word']);
    assert.equal(json.exitCode, 1);
    assert.equal(json.stdout, '');
    assert.equal(jsonErrorOf(json).code, 'SERVER_ERROR');
  });

  it('what removes everything needs --yes where nobody can be asked', async () => {
    await rednode.ok(['set', 'precious', '1']);
    assert.equal((await rednode.run(['exec', 'FLUSHALL'])).exitCode, 2);
    assert.equal(await rednode.ok(['get', 'precious']), '1');
    assert.equal(await rednode.ok(['exec', '--yes', 'FLUSHALL']), 'OK');
    assert.deepEqual(await rednode.json(['keys']), []);
  });

  it('a reader that goes away ends the program quietly', async () => {
    const program = rednode.start(['keys']);
    program.stopReading();
    const { stderr } = await program.finished;
    assert.equal(stderr, '');
  });

  it('a subscriber prints a line a message, and ends after --count', async () => {
    const subscriber = rednode.start(['subscribe', 'news', '--count', '2', '--timeout', '30', '--json']);
    await subscriber.seen('stderr', /subscribed/);
    assert.equal(await rednode.ok(['publish', 'news', 'first']), '1');
    assert.equal(await rednode.json(['publish', 'news', 'second']), 1);
    const { exitCode, stdout } = await subscriber.finished;
    assert.equal(exitCode, 0);
    assert.deepEqual(
      stdout.split('\n').map((line) => JSON.parse(line) as unknown),
      [
        { channel: 'news', message: 'first' },
        { channel: 'news', message: 'second' },
      ],
    );
  });

  it('a subscriber whose messages do not come ends with the exit code of a timeout', async () => {
    const result = await rednode.run(['subscribe', '--pattern', 'no.*', '--count', '1', '--timeout', '300ms']);
    assert.equal(result.exitCode, 5);
    assert.match(result.stderr, /0 of 1 messages/);
  });

  it('tenants have keys of their own, a token, and are gone when dropped', async () => {
    const { token } = (await rednode.json(['tenant', 'create', 'acme'])) as { token: string };
    await rednode.ok(['set', 'k', 'admin']);
    const env = { REDNODE_TOKEN: token };
    await rednode.ok(['set', 'k', 'theirs', '--tenant', 'acme'], { env });
    assert.equal(await rednode.ok(['get', 'k']), 'admin');
    assert.equal(await rednode.ok(['get', 'k', '--tenant', 'acme']), 'theirs');
    const names = ((await rednode.json(['tenant', 'ls'])) as { name: string }[]).map((tenant) => tenant.name);
    assert.deepEqual(names.sort(), ['acme', 'default']);
    const shown = (await rednode.json(['tenant', 'show', 'acme'])) as { keys: number };
    assert.equal(shown.keys, 1);
    const refused = await rednode.run(['tenant', 'drop', 'acme']);
    assert.equal(refused.exitCode, 2);
    await rednode.ok(['tenant', 'drop', 'acme', '--yes']);
    assert.equal((await rednode.run(['tenant', 'show', 'acme'])).exitCode, 1);
  });

  it('a wrong token is refused', async () => {
    const result = await rednode.run(['get', 'k', '--tenant', 'nobody'], { env: { REDNODE_TOKEN: 'wrong' } });
    assert.notEqual(result.exitCode, 0);
    assert.doesNotMatch(result.stderr, /wrong\b.*token=/);
  });

  it('the shell runs what standard input brings, and stops at the first error', async () => {
    const good = await rednode.run(['shell'], { input: 'set a 1\nget a\n' });
    assert.equal(good.exitCode, 0);
    assert.equal(good.stdout, 'OK\n1');
    const bad = await rednode.run(['shell'], { input: 'set a x\nincr a\nset a 2\n' });
    assert.equal(bad.exitCode, 1);
    assert.equal(await rednode.ok(['shell', '-e', 'get a']), 'x');
  });
});
