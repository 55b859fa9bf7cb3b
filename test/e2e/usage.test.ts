import assert from 'node:assert/strict';
import { jsonErrorOf, Rednode } from './rednode.js';

describe('the command line', function () {
  this.timeout(60_000);
  let rednode: Rednode;

  before(async () => {
    rednode = await Rednode.create('usage');
  });

  after(async () => {
    await rednode.dispose();
  });

  it('--version tells the version', async () => {
    assert.match(await rednode.ok(['--version']), /^rednode\/\d+\.\d+\.\d+/);
  });

  it('--help lists commands and topics within 80 columns', async () => {
    const help = await rednode.ok(['--help']);
    for (const word of ['cluster', 'tenant', 'shell', 'server', 'exec', 'get'])
      assert.match(help, new RegExp(`^  ${word} `, 'm'));
    for (const line of help.split('\n')) assert.ok(line.length <= 80, line);
  });

  it('a hidden command is not listed', async () => {
    assert.doesNotMatch(await rednode.ok(['cluster', '--help']), /launch/);
  });

  const commands = [
    'server',
    'shell',
    'exec',
    'get',
    'set',
    'del',
    'ttl',
    'expire',
    'keys',
    'publish',
    'subscribe',
    'bench',
    'cluster up',
    'cluster down',
    'cluster ls',
    'cluster status',
    'cluster logs',
    'cluster ring',
    'cluster kill',
    'cluster restart',
    'tenant create',
    'tenant ls',
    'tenant show',
    'tenant drop',
    'tenant limit',
    'tenant rename',
    'tenant flush',
    'tenant top',
    'tenant token add',
    'tenant token ls',
    'tenant token revoke',
  ];
  for (const command of commands) {
    it(`${command} --help has a summary, examples and --json, within 80 columns`, async () => {
      const help = await rednode.ok([...command.split(' '), '--help']);
      assert.match(help, /EXAMPLES/);
      assert.match(help, /--json/);
      assert.match(help, new RegExp(`rednode ${command}`));
      for (const line of help.split('\n')) assert.ok(line.length <= 80, `${line.length} columns: ${line}`);
    });
  }

  const wrongUses: readonly (readonly [what: string, args: readonly string[], message: RegExp])[] = [
    ['an unknown command', ['gte', 'k'], /unknown command gte[^]*rednode get/],
    [
      'an unknown command of a topic',
      ['cluster', 'stauts'],
      /unknown command cluster stauts[^]*rednode cluster status/,
    ],
    ['an unknown flag', ['get', 'k', '--tenat', 'x'], /unknown flag --tenat[^]*--tenant/],
    ['a missing argument', ['get'], /missing argument: KEY/],
    ['an argument too many', ['get', 'a', 'b'], /unexpected argument: b/],
    ['a bad number', ['cluster', 'up', '--masters', 'x'], /--masters "x" is not a whole number from 1 to 100/],
    ['a number out of range', ['server', '--port', '99999'], /--port "99999" .* 0 to 65535[^]*rednode server --help/],
    ['a command without its topic', ['status'], /unknown command status[^]*rednode cluster status/],
    ['a bad value', ['set', 'k', 'v', '--ttl', 'soon'], /--ttl "soon" is not a duration/],
    ['a bad ratio', ['bench', '--ratio', '9'], /--ratio "9" is not a ratio/],
    ['a bad URL', ['get', 'k', '--url', 'http://x'], /BAD_URL|invalid URL/],
    ['two servers', ['get', 'k', '--url', 'redis://x', '--cluster', 'y'], /name two servers/],
    ['a bad cluster name', ['cluster', 'up', '../x'], /is not a cluster name/],
  ];
  for (const [what, args, message] of wrongUses) {
    it(`${what} is a usage error with the same exit code as text and as JSON`, async () => {
      const plain = await rednode.run(args);
      assert.equal(plain.exitCode, 2);
      assert.equal(plain.stdout, '');
      assert.match(plain.stderr, message);
      assert.match(plain.stderr, /^error: /);
      const json = await rednode.run([...args, '--json']);
      assert.equal(json.exitCode, 2);
      assert.equal(json.stdout, '');
      assert.equal(jsonErrorOf(json).exitCode, 2);
    });
  }

  it('without a server to talk to, the error says how to get one', async () => {
    const result = await rednode.run(['get', 'k']);
    assert.equal(result.exitCode, 3);
    assert.match(result.stderr, /rednode cluster up/);
    assert.equal(jsonErrorOf(await rednode.run(['get', 'k', '--json'])).code, 'NO_CLUSTER');
  });

  it('a server that does not answer is unreachable, and its token is not repeated', async () => {
    const result = await rednode.run(['get', 'k', '--url', 'redis://acme:s3cret@127.0.0.1:1']);
    assert.equal(result.exitCode, 3);
    assert.doesNotMatch(result.stderr, /s3cret/);
  });

  it('a stack is shown with --debug only', async () => {
    assert.doesNotMatch((await rednode.run(['get', 'k'])).stderr, /\n\s+at /);
    assert.match((await rednode.run(['get', 'k', '--debug'])).stderr, /\n\s+at /);
  });

  it('no cluster yet is an empty list', async () => {
    assert.deepEqual(await rednode.json(['cluster', 'ls']), []);
  });
});
