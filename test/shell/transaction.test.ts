import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { ExitCode } from '../../src/errors.js';
import { runShell } from '../../src/shell/shell.js';
import { FakeClient } from './fake-client.js';

describe('a transaction in the shell', () => {
  let client: FakeClient;
  let output: PassThrough;
  let error: PassThrough;
  const textOf = (stream: PassThrough): string => ((stream.read() as Buffer | null) ?? '').toString();
  const run = (text: string): Promise<number> =>
    runShell({
      connect: () => Promise.resolve(client),
      input: Readable.from([Buffer.from(text)]),
      output,
      error,
      isTty: false,
      colour: false,
      clusterName: 'default',
      tenant: 'acme',
    });

  beforeEach(() => {
    client = new FakeClient();
    output = new PassThrough();
    error = new PassThrough();
  });

  it('goes over a connection of its own, and what comes after it does not', async () => {
    assert.equal(await run('multi\nset k 1\nget k\nexec\nget k\n'), ExitCode.ok);
    assert.deepEqual(client.sent, ['(pinned MULTI)', '(pinned set k 1)', '(pinned get k)', '(pinned exec)', 'get k']);
    assert.equal(textOf(output), 'OK\nQUEUED\nQUEUED\nQUEUED\n\n');
  });

  it('is not left for another tenant by halves', async () => {
    assert.equal(await run('multi\nuse globex\n'), ExitCode.usage);
    assert.match(textOf(error), /a transaction is open for tenant acme[^]*exec or discard/);
    assert.equal(await run('watch k\nauth globex token\n'), ExitCode.usage);
    assert.match(textOf(error), /keys are watched for tenant acme[^]*unwatch/);
    assert.deepEqual(
      client.sent.filter((line) => line.startsWith('(use') || line.startsWith('(auth')),
      [],
    );
  });

  it('does not begin to monitor', async () => {
    await run('multi\nset k 1\nmonitor\n');
    assert.equal(client.sent.at(-1), '(pinned monitor)');
  });
});

describe('MONITOR in the shell', () => {
  it('shows the lines of every node, until the next command', async () => {
    const client = new FakeClient();
    const output = new PassThrough();
    const code = await runShell({
      connect: () => Promise.resolve(client),
      input: Readable.from([Buffer.from('monitor\nget k\n')]),
      output,
      error: new PassThrough(),
      isTty: false,
      colour: false,
      clusterName: 'default',
      tenant: 'acme',
    });
    assert.equal(code, ExitCode.ok);
    const [first] = String(output.read()).split('\n');
    assert.equal(first, 'n1 1.000000 [0 127.0.0.1:5] "GET" "n1"');
    assert.deepEqual(client.sent, ['get k']);
  });
});
