import assert from 'node:assert/strict';
import { freePortBlock } from '../support/free-port.js';
import { Rednode } from './rednode.js';

describe('tenants on the command line', function () {
  this.timeout(60_000);
  let rednode: Rednode;

  before(async () => {
    rednode = await Rednode.create('tenants');
    const env = { REDNODE_ADMIN_PASSWORD: 's3cret' };
    await rednode.ok(
      ['cluster', 'up', '--port', String(await freePortBlock(6)), '--masters', '2', '--replicas', '0', '-d'],
      {
        env,
      },
    );
  });
  after(() => rednode.dispose());

  const env = { REDNODE_ADMIN_PASSWORD: 's3cret' };
  const json = (...words: string[]): Promise<unknown> => rednode.json(words, { env });

  it('are made with limits, which are shown, changed and lifted', async () => {
    await rednode.ok(['tenant', 'create', 'acme', '--max-memory', '64mb', '--default-ttl', '10m'], { env });
    const { limits } = (await json('tenant', 'limit', 'acme', '--max-ops', '100', '--max-memory', '0')) as {
      limits: Record<string, unknown>;
    };
    assert.deepEqual(limits, {
      maxKeys: 0,
      maxMemoryBytes: 0,
      maxOpsPerSecond: 100,
      maxConnections: 0,
      defaultTtlSeconds: 600,
      evict: 'noeviction',
    });
    await rednode.ok(['shell', '--yes', '-e', 'tenant limit acme --max-ops 0 --default-ttl=0'], { env });
    assert.equal(await rednode.ok(['tenant', 'limit', 'acme'], { env }), 'acme has no limits');
  });

  it('have tokens that are added with a scope, listed without secrets, and revoked after a question', async () => {
    await rednode.ok(['tenant', 'create', 'scoped'], { env });
    const words = ['token', 'add', 'scoped', '--read-only', '--command', 'get', '--command', 'keys', '--key', 'a*'];
    const { id, token } = (await json('tenant', ...words)) as { id: string; token: string };
    const asTenant = { env: { REDNODE_TOKEN: token } };
    assert.equal(await rednode.ok(['get', 'a1', '--tenant', 'scoped', '--json'], asTenant), 'null');
    assert.match((await rednode.run(['set', 'a1', 'v', '--tenant', 'scoped'], asTenant)).stderr, /NOPERM/);
    const tokens = (await json('tenant', 'token', 'ls', 'scoped')) as { id: string; commands: string[] }[];
    assert.deepEqual(tokens.find((listed) => listed.id === id)?.commands, ['get', 'keys']);
    assert.ok(!JSON.stringify(tokens).includes(token));
    assert.match((await rednode.run(['tenant', 'token', 'revoke', 'scoped', id], { env })).stderr, /this needs --yes/);
    await rednode.ok(['tenant', 'token', 'revoke', 'scoped', id, '--yes'], { env });
    const refused = await rednode.run(['get', 'a1', '--tenant', 'scoped'], asTenant);
    assert.match(refused.stderr, /WRONGPASS[^]*REDNODE_TOKEN/);
    assert.doesNotMatch(refused.stderr, /--url/);
  });

  it('without any password, the error names what to set', async () => {
    const { stderr, exitCode } = await rednode.run(['get', 'k']);
    assert.equal(exitCode, 1);
    assert.match(stderr, /NOAUTH[^]*REDNODE_ADMIN_PASSWORD/);
  });

  it('are renamed and flushed', async () => {
    await rednode.ok(['tenant', 'create', 'old'], { env });
    await rednode.ok(['set', 'k', 'v', '--tenant', 'old'], { env });
    await rednode.ok(['tenant', 'rename', 'old', 'new'], { env });
    assert.equal(await rednode.ok(['get', 'k', '--tenant', 'new'], { env }), 'v');
    assert.match(
      (await rednode.run(['tenant', 'flush', 'new'], { env })).stderr,
      /removes its 1 key: this needs --yes/,
    );
    assert.equal(await rednode.ok(['tenant', 'flush', 'new', '--yes'], { env }), 'new flushed: 1 key removed');
  });

  it('top prints as many tables as it is asked for, the busiest tenant first, and ends at Ctrl-C', async () => {
    const lines = (await rednode.ok(['tenant', 'top', '--count', '2', '--interval', '100ms', '--json'], { env })).split(
      '\n',
    );
    const tables = lines.map((line) => JSON.parse(line) as { name: string; opsPerSecond: number }[]);
    assert.equal(tables.length, 2);
    assert.equal(tables[0][0].name, 'default');
    assert.ok(tables[0][0].opsPerSecond > 0);
    const program = rednode.start(['tenant', 'top', '--interval', '50ms'], { env });
    await program.seen('stdout', /ops\/s[^]*ops\/s/);
    program.kill('SIGINT');
    assert.equal((await program.finished).exitCode, 130);
  });
});
