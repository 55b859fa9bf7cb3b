import assert from 'node:assert/strict';
import { PassThrough, Readable, Writable } from 'node:stream';
import { ExitCode, RedNodeError } from '../../src/errors.js';
import { runShell, type ShellOptions } from '../../src/shell/shell.js';
import { eventually } from '../support/eventually.js';
import { FakeClient, from } from './fake-client.js';

describe('shell without a terminal', () => {
  let client: FakeClient;
  let output: PassThrough;
  let error: PassThrough;
  const textOf = (stream: PassThrough): string => ((stream.read() as Buffer | null) ?? '').toString();
  const optionsFor = (input: Readable, more: Partial<ShellOptions> = {}): ShellOptions => ({
    connect: () => Promise.resolve(client),
    input,
    output,
    error,
    isTty: false,
    colour: false,
    clusterName: 'default',
    tenant: 'acme',
    ...more,
  });
  const run = (text: string): Promise<number> => runShell(optionsFor(Readable.from([Buffer.from(text)])));

  beforeEach(() => {
    client = new FakeClient();
    output = new PassThrough();
    error = new PassThrough();
  });

  it('runs every line in order and prints bare values', async () => {
    assert.equal(await run('set k "a b"\nget k\nget nosuch\n'), ExitCode.ok);
    assert.equal(textOf(output), 'OK\na b\n\n');
    assert.deepEqual(client.sent, ['set k a b', 'get k', 'get nosuch']);
    assert.ok(client.isClosed);
  });

  it('skips empty lines and comments, and takes a last line without a line end', async () => {
    assert.equal(await run('# a comment\n\n  \r\nget k'), ExitCode.ok);
    assert.deepEqual(client.sent, ['get k']);
  });

  it('stops at the first error reply with exit code 1, and tells which line it was', async () => {
    assert.equal(await run('set k v\n\nincr k\nget k\n'), ExitCode.serverError);
    assert.equal(textOf(output), 'OK\n');
    assert.equal(
      textOf(error),
      'error: ERR value is not an integer or out of range\n  line 3   incr k\n  node     n2\n',
    );
    assert.deepEqual(client.sent, ['set k v', 'incr k']);
  });

  it('stops at a line that cannot be read', async () => {
    assert.equal(await run('get "k\nget k\n'), ExitCode.usage);
    assert.match(textOf(error), /^error: this quote is not closed at column 5\n {2}line 1 {3}get "k\n {2}try/);
    assert.deepEqual(client.sent, []);
  });

  it('ends with the exit code of what went wrong with the connection', async () => {
    client.answers.set('GET', () => Promise.reject(new RedNodeError('TIMEOUT', 'too late', ExitCode.timeout)));
    assert.equal(await run('get k\n'), ExitCode.timeout);
    assert.match(textOf(error), /^error: too late\n/);
  });

  it('does not repeat secrets in messages', async () => {
    client.authenticate = () => Promise.reject(new RedNodeError('AUTH_FAILED', 'WRONGPASS', ExitCode.serverError));
    assert.equal(await run('auth acme s3cret\n'), ExitCode.serverError);
    const text = textOf(error);
    assert.match(text, /line 1 {3}auth \(redacted\)/);
    assert.doesNotMatch(text, /s3cret/);
  });

  it('runs the commands given in place of the input, even on a terminal', async () => {
    const commands = ['set k v', 'get k', 'incr k'];
    assert.equal(await runShell(optionsFor(new PassThrough(), { commands, isTty: true })), ExitCode.serverError);
    assert.equal(textOf(output), 'OK\nv\n');
    assert.match(textOf(error), /command 3 {2}incr k/);
  });

  it('stops at exit', async () => {
    assert.equal(await run('exit\nget k\n'), ExitCode.ok);
    assert.deepEqual(client.sent, []);
  });

  it('prints messages of a subscription until the input ends', async () => {
    const input = new PassThrough();
    const finished = runShell(optionsFor(input));
    input.write('subscribe news\n');
    await eventually(() => textOf(output) === 'subscribe\nnews\n1\n');
    client.subscription.deliver('news', 'hello');
    assert.equal(textOf(output), 'message\nnews\nhello\n');
    input.end();
    assert.equal(await finished, ExitCode.ok);
    assert.ok(client.subscription.isClosed);
  });

  it('says so when a subscription is lost', async () => {
    const input = new PassThrough();
    const finished = runShell(optionsFor(input));
    input.write('subscribe news\n');
    await eventually(() => textOf(output) !== '');
    client.subscription.lose();
    assert.equal(await finished, ExitCode.unreachable);
    assert.match(textOf(error), /connection of the subscription was lost/);
  });

  it('prints notices apart from the output, and none when it is to be quiet', async () => {
    const connect: ShellOptions['connect'] = (onNotice) => {
      onNotice('n2 was lost');
      return Promise.resolve(client);
    };
    await runShell(optionsFor(Readable.from(['get k\n']), { connect }));
    assert.equal(textOf(error), 'n2 was lost\n');
    await runShell(optionsFor(Readable.from(['get k\n']), { connect, quiet: true }));
    assert.equal(textOf(error), '');
  });

  it('ends quietly when nobody reads the output any more', async () => {
    const broken = new Writable({
      write: (_chunk, _encoding, done) => {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    client.answers.set('GET', () => new Promise((resolve) => setImmediate(resolve, from({ type: 'null' }, 'n1'))));
    const lines = Array.from({ length: 100 }, () => 'get k\n');
    assert.equal(await runShell({ ...optionsFor(Readable.from(lines)), output: broken }), ExitCode.ok);
    assert.ok(client.sent.length < 100);
    assert.equal(textOf(error), '');
  });

  it('leaves a failure of the first connection to its caller', async () => {
    const connect = (): Promise<never> =>
      Promise.reject(new RedNodeError('CANNOT_CONNECT', 'no', ExitCode.unreachable));
    await assert.rejects(runShell(optionsFor(new PassThrough(), { connect })), /no/);
  });
});
