import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { RoutedReply } from '../../src/client/types.js';
import { commandTable } from '../../src/command-table/index.js';
import { ExitCode, RedNodeError } from '../../src/errors.js';
import { evaluate, type EvaluationContext, type Outcome } from '../../src/shell/evaluate.js';
import type { Prompter } from '../../src/shell/prompter.js';
import { Screen } from '../../src/shell/screen.js';
import { Session } from '../../src/shell/session.js';
import { bulk, failure, FakeClient, from } from './fake-client.js';

class FakePrompter implements Prompter {
  readonly messages: string[] = [];
  answer = '';

  typeToConfirm(message: string, expected: string): Promise<boolean> {
    this.messages.push(message);
    return Promise.resolve(this.answer === expected);
  }

  secret(message: string): Promise<string | undefined> {
    this.messages.push(message);
    return Promise.resolve(this.answer === '' ? undefined : this.answer);
  }
}

/** What n1 says of its replication, with one replica. */
function replicationOf(replica: string): RoutedReply {
  const lines = ['# Replication', 'role:master', `slave0:ip=127.0.0.1,${replica}`, 'master_repl_offset:3806', ''];
  return from(bulk(lines.join('\r\n')), 'n1');
}

describe('evaluate', () => {
  let client: FakeClient;
  let session: Session;
  let prompter: FakePrompter;
  let context: EvaluationContext;
  const run = (line: string): Promise<Outcome> => evaluate(line, context);
  const textOf = async (line: string): Promise<string> => {
    const outcome = await run(line);
    if (outcome.kind !== 'text') assert.fail(`${line} came to ${outcome.kind}`);
    return outcome.text;
  };
  const failsWith = (code: string) => (error: unknown) => error instanceof RedNodeError && error.code === code;

  beforeEach(() => {
    client = new FakeClient();
    session = new Session(client, 'default', 'acme');
    prompter = new FakePrompter();
    const screen = new Screen(new PassThrough(), false);
    context = { session, table: commandTable, screen, prompter, assumeYes: false };
  });

  it('does nothing for an empty line', async () => {
    assert.deepEqual(await run('  '), { kind: 'nothing' });
    assert.deepEqual(client.sent, []);
  });

  it('sends a command with its quotes resolved and answers with the reply', async () => {
    const outcome = await run('set k "a b"');
    assert.equal(client.values.get('k'), 'a b');
    assert.equal(outcome.kind === 'reply' && outcome.routed.reply.type, 'simple');
  });

  it('shows INFO and its like as they are', async () => {
    for (const [line, isRaw] of [
      ['info', true],
      ['client list', true],
      ['cluster nodes', true],
      ['get k', false],
    ] as const) {
      const outcome = await run(line);
      assert.equal(outcome.kind === 'reply' && outcome.isRaw, isRaw, line);
    }
  });

  it('explains where a command goes without sending it', async () => {
    client.answers.set('n1 INFO replication', () => replicationOf('port=7382,state=online,offset=3794,lag=0'));
    const text = await textOf('explain set user:42 grace');
    assert.deepEqual(client.sent, []);
    assert.match(text, /^ {2}key {6}user:42 +\(no hash tag: the whole key is hashed\)$/m);
    assert.match(text, /^ {2}slot {5}9437 +crc16\(key\) mod 16384$/m);
    assert.match(text, /^ {2}master {3}n1 {2}127\.0\.0\.1:7379 +5461 slots$/m);
    assert.match(text, /^ {2}replica {2}n4 {2}127\.0\.0\.1:7382 +in sync, 12 bytes behind$/m);
    assert.match(text, /^ {2}effect {3}set user:42 grace +sent to n1/m);
  });

  it('tells of a replica what its master says, and nothing but its health without an answer', async () => {
    const replicaIn = async (): Promise<string> => /replica.*/.exec(await textOf('explain get user:42'))?.[0] ?? '';
    assert.match(await replicaIn(), /7382 +online$/);
    for (const [line, state] of [
      ['port=7382,state=send_bulk,offset=0,lag_bytes=3806', 'receiving its full copy'],
      ['port=7382,state=online,offset=3805,lag_bytes=1', 'in sync, 1 byte behind'],
      ['port=7382,state=online,offset=3807,lag_bytes=0', 'in sync, 0 bytes behind'],
      ['port=7383,state=online,offset=3806,lag_bytes=0', 'not connected to n1'],
    ]) {
      client.answers.set('n1 INFO replication', () => replicationOf(line));
      assert.match(await replicaIn(), new RegExp(`7382 +${state}$`));
    }
    client.answers.set('n1 INFO replication', () => from(failure('NOPERM no'), 'n1'));
    assert.match(await replicaIn(), /7382 +online$/);
  });

  it('does not explain what the server would refuse', async () => {
    await assert.rejects(run('explain foo bar'), /there is no command FOO$/);
    await assert.rejects(run('explain tenant foo'), /there is no command TENANT FOO$/);
    await assert.rejects(run('explain'), failsWith('BAD_USAGE'));
    await assert.rejects(run('explain get'), failsWith('BAD_ARITY'));
  });

  it('selects a tenant with use and with TENANT USE', async () => {
    await run('use beta');
    assert.equal(session.tenant, 'beta');
    await run('tenant use gamma');
    assert.equal(session.tenant, 'gamma');
    assert.deepEqual(client.sent, ['(use beta)', '(use gamma)']);
    await assert.rejects(run('use'), failsWith('BAD_USAGE'));
  });

  it('asks for the token of a tenant that cannot be entered without one', async () => {
    client.selectTenantError = new RedNodeError('SERVER', 'NOPERM only the admin', ExitCode.serverError);
    prompter.answer = 'rn_token';
    await run('use beta');
    assert.equal(session.tenant, 'beta');
    assert.deepEqual(client.sent, ['(use beta)', '(auth beta rn_token)']);
  });

  it('stays in its tenant when the token is not given, or when nobody can be asked', async () => {
    client.selectTenantError = new RedNodeError('SERVER', 'NOPERM only the admin', ExitCode.serverError);
    await assert.rejects(run('use beta'), /NOPERM/);
    assert.equal(prompter.messages.length, 1);
    context = { ...context, prompter: undefined };
    await assert.rejects(run('use beta'), /NOPERM/);
    assert.equal(session.tenant, 'acme');
  });

  it('does not ask for a token when the tenant does not exist', async () => {
    client.selectTenantError = new RedNodeError('SERVER', 'ERR no such tenant', ExitCode.serverError);
    await assert.rejects(run('use beta'), /no such tenant/);
    assert.deepEqual(prompter.messages, []);
  });

  it('names the node that refused a tenant, and what can be typed instead', async () => {
    const refused = (message: string): RedNodeError => {
      const hint = '--url redis://tenant:token@host:port';
      return new RedNodeError('AUTH_FAILED', message, ExitCode.serverError, {
        hint,
        context: { node: '127.0.0.1:7379' },
      });
    };
    client.selectTenantError = refused("ERR no such tenant 'nosuch'");
    const context = { node: 'n1' };
    await assert.rejects(run('use nosuch'), { message: "ERR no such tenant 'nosuch'", hint: 'tenant list', context });
    await assert.rejects(run('tenant use nosuch'), { hint: 'tenant list', context });
    client.authenticate = () => Promise.reject(refused('WRONGPASS invalid username-password pair'));
    await assert.rejects(run('auth acme wrong'), { hint: 'auth <tenant> <token>', context });
    assert.equal(session.tenant, 'acme');
  });

  it('knows what begins with a colon to be its own, and lists what there is', async () => {
    await assert.rejects(run(':foo'), { message: 'there is no shell command :foo', hint: ':help, :nodes, :stats' });
    assert.deepEqual(client.sent, []);
  });

  it('answers a subscription without a channel as the server does', async () => {
    const outcome = await run('subscribe');
    const value = "ERR wrong number of arguments for 'subscribe' command";
    assert.deepEqual(outcome.kind === 'reply' && outcome.routed.reply, { type: 'error', value });
    assert.deepEqual(client.sent, []);
  });

  it('authenticates every connection on AUTH', async () => {
    await run('auth beta token');
    assert.equal(session.tenant, 'beta');
    await run('auth admin-password');
    assert.equal(session.tenant, 'default');
    assert.deepEqual(client.sent, ['(auth beta token)', '(auth - admin-password)']);
  });

  it('refuses what would change one of its connections only', async () => {
    for (const line of ['reset', 'readonly', 'hello 3 auth a b']) {
      await assert.rejects(run(line), failsWith('SINGLE_CONNECTION'), line);
    }
    assert.deepEqual(client.sent, []);
  });

  it('asks to type the tenant before a destructive command, and tells what is lost', async () => {
    client.values.set('k', 'v');
    await assert.rejects(run('flushall'), failsWith('NOT_CONFIRMED'));
    assert.deepEqual(prompter.messages, [
      'FLUSHALL removes every key of tenant acme (1 key on 3 nodes).\nType acme to go on:',
    ]);
    assert.equal(client.values.size, 1);
    prompter.answer = 'acme';
    await run('flushall');
    assert.equal(client.values.size, 0);
  });

  it('asks for the name of a tenant that is dropped', async () => {
    prompter.answer = 'beta';
    await run('tenant drop beta');
    assert.match(prompter.messages[0], /TENANT DROP .*\nType beta to go on:/);
    assert.deepEqual(client.sent, ['tenant drop beta']);
  });

  it('does not ask with --yes, or for a command the server will refuse', async () => {
    context = { ...context, assumeYes: true };
    await run('flushall');
    context = { ...context, assumeYes: false };
    await run('tenant drop');
    assert.deepEqual(prompter.messages, []);
    assert.deepEqual(client.sent, ['flushall', 'tenant drop']);
  });

  it('destroys nothing where nobody can be asked, unless --yes was given', async () => {
    context = { ...context, prompter: undefined };
    await assert.rejects(run('flushall'), /FLUSHALL removes every key of tenant acme .*: this needs --yes/);
    assert.ok(!client.sent.includes('flushall'));
    context = { ...context, assumeYes: true };
    await run('flushall');
    assert.ok(client.sent.includes('flushall'));
  });

  it('leaves it to the caller to subscribe, leave and clear', async () => {
    assert.equal((await run('subscribe news')).kind, 'subscribe');
    assert.equal((await run('psubscribe n*')).kind, 'subscribe');
    assert.equal((await run('monitor')).kind, 'monitor');
    assert.equal((await run('exit')).kind, 'leave');
    assert.equal((await run('QUIT')).kind, 'leave');
    assert.equal((await run('clear')).kind, 'clear');
  });

  it('lists commands by group, within the width of the terminal', async () => {
    const text = await textOf('help');
    assert.match(text, /^ {2}string +.*\bGET\b/m);
    assert.match(text, /explain command/);
    assert.ok(text.split('\n').every((line) => line.length <= 80));
  });

  it('tells all about one command, a container, and a word of the shell', async () => {
    const text = await textOf('help set');
    assert.match(text, /SET key value/);
    for (const label of ['group', 'since', 'complexity', 'options'])
      assert.match(text, new RegExp(`^ {2}${label}`, 'm'));
    assert.match(await textOf('help tenant'), /TENANT CREATE name/);
    assert.match(await textOf('help tenant create'), /group +tenant/);
    assert.match(await textOf('help explain'), /where a command goes/);
    await assert.rejects(run('help nonsense'), failsWith('UNKNOWN_COMMAND'));
    await assert.rejects(run('help tenant nonsense'), failsWith('UNKNOWN_COMMAND'));
  });

  it('breaks help and explanations between words at the width of the terminal', async () => {
    const output = Object.assign(new PassThrough(), { columns: 60 });
    context = { ...context, screen: new Screen(output, false) };
    for (const line of [
      'help',
      'help set',
      'help tenant',
      'help cluster',
      'help getex',
      `explain get ${'k'.repeat(40)}`,
    ]) {
      const wide = (await textOf(line)).split('\n').filter((text) => text.length > 60);
      assert.deepEqual(wide, [], line);
    }
    assert.match(await textOf('help set'), /^ {2}SET key value .*\n {6}\w/);
  });

  it('shows nodes and statistics of the client', async () => {
    assert.match(await textOf(':nodes'), /n4 +127\.0\.0\.1:7382 +replica +of n1 +online/);
    assert.match(await textOf(':stats'), /MOVED +0/);
  });

  it('knows whether the cluster answers', async () => {
    client.answers.set('GET', () => Promise.reject(new RedNodeError('CONNECTION_LOST', 'lost', ExitCode.unreachable)));
    await assert.rejects(run('get k'), /lost/);
    assert.equal(session.isConnected, false);
    client.answers.set('GET', () => from({ type: 'null' }, 'n1'));
    await run('get k');
    assert.equal(session.isConnected, true);
  });

  it('has no names of tenants when they cannot be listed', async () => {
    assert.deepEqual(await session.tenantNames(), ['acme', 'Alpha', 'default']);
    client.answers.set('TENANT', () => Promise.reject(new Error('lost')));
    assert.deepEqual(await session.tenantNames(), []);
    client.answers.set('TENANT', () => new Promise(() => undefined));
    assert.deepEqual(await session.tenantNames(), []);
  });
});
