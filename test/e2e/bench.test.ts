import assert from 'node:assert/strict';
import { spawn as spawnInTerminal } from '@lydell/node-pty';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/eventually.js';
import { jsonErrorOf, Rednode, type Program } from './rednode.js';

const PROGRAM = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

interface BenchJson {
  readonly operations: number;
  readonly operationsPerSecond: number;
  readonly reads: { readonly operations: number; readonly notFound: number };
  readonly writes: { readonly operations: number };
  readonly latencyMs: Readonly<Record<string, number>>;
  readonly histogram: readonly { readonly count: number }[];
  readonly nodes: readonly { readonly node: string; readonly operations: number }[];
  readonly errors: readonly { readonly kind: string; readonly count: number }[];
  readonly redirections: number;
  readonly filledKeys: number;
  readonly removedKeys: number;
  readonly interrupted: boolean;
}

describe('a benchmark of a cluster', function () {
  this.timeout(60_000);
  let rednode: Rednode;

  before(async () => {
    rednode = await Rednode.create('bench');
    await rednode.ok(['cluster', 'up', '--masters', '3', '--replicas', '1', '-d']);
  });

  after(async () => {
    await rednode.dispose();
  });

  const bench = async (...args: readonly string[]): Promise<BenchJson> =>
    (await rednode.json(['bench', ...args])) as BenchJson;
  const keyCount = async (): Promise<number> => Number(await rednode.ok(['exec', 'DBSIZE']));

  it('sends every key to its master, finds what it wrote and leaves nothing behind', async () => {
    const result = await bench('--requests', '20000', '--pipeline', '8', '--keyspace', '3000', '--ratio', '1:1');
    assert.equal(result.operations, 20_000);
    assert.equal(result.reads.notFound, 0);
    assert.ok(Math.abs(result.reads.operations - result.writes.operations) < 1500);
    assert.equal(result.redirections, 0);
    assert.deepEqual(result.errors, []);
    assert.deepEqual(result.nodes.map(({ node }) => node).sort(), ['n1', 'n2', 'n3']);
    assert.equal(
      result.nodes.reduce((sum, { operations }) => sum + operations, 0),
      20_000,
    );
    for (const { operations } of result.nodes) assert.ok(operations > 5000 && operations < 8500);
    assert.equal(
      result.histogram.reduce((sum, { count }) => sum + count, 0),
      20_000,
    );
    assert.ok(result.latencyMs.min <= result.latencyMs.p50 && result.latencyMs.p50 <= result.latencyMs.p99);
    assert.deepEqual([result.filledKeys, result.removedKeys, await keyCount()], [3000, 3000, 0]);
  });

  it('leaves the keys with --keep, and finds them again with --no-fill', async () => {
    const common = ['--requests', '1000', '--ratio', '1:0', '--keyspace', '100', '--prefix', 'kept:', '--keep'];
    await bench(...common);
    assert.equal(await keyCount(), 100);
    const again = await bench(...common, '--no-fill', '--zipf', '0.99');
    assert.deepEqual([again.filledKeys, again.reads.notFound], [0, 0]);
    assert.equal(again.nodes.length > 0, true);
    await rednode.ok(['exec', '--yes', 'FLUSHALL']);
  });

  it('reads of keys that were not written are counted as not found', async () => {
    const result = await bench('--requests', '500', '--ratio', '1:0', '--no-fill');
    assert.equal(result.reads.notFound, 500);
  });

  it('goes on when a master is killed, and says so', async () => {
    const running = rednode.start(['bench', '--duration', '40s', '--clients', '8', '--keyspace', '1000']);
    await running.seen('stderr', /running/);
    await rednode.ok(['cluster', 'kill', 'n2']);
    await running.seen('stderr', /n2: connection to [^]*all clients connected again after \d+ ms\n[^]*running/);
    running.kill('SIGTERM');
    const { stdout } = await running.finished;
    assert.match(stdout, /n2 lost, all connected again after/);
    assert.match(stdout, /\d+ connections lost, \d+ opened again/);
    assert.match(stdout, /n5 +127\.0\.0\.1:\d+ +[1-9]/);
  });

  it('in a pipe prints its progress on stderr and its result in 80 columns of plain text', async () => {
    const result = await rednode.run(['bench', '--duration', '1500ms', '--pipeline', '4', '--keyspace', '1000']);
    assert.equal(result.exitCode, 0);
    assert.match(result.stderr, /running \d\.\d s +[\d,]+ ops\/s +p99 so far/);
    for (const line of result.stdout.split('\n')) assert.ok(line.length <= 80, line);
    assert.match(result.stdout, /reads +[\d,]+ [^]*100 %\n[^]*node +address[^]*1,000 keys bench:\* removed/);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(result.stdout + result.stderr, /\x1b/);
  });

  it('SIGTERM ends it early with what was measured and 143; the keys are gone', async () => {
    const running = rednode.start(['bench', '--duration', '30s', '--keyspace', '1000', '--json']);
    await eventually(async () => (await keyCount()) === 1000, { timeoutMs: 20_000 });
    running.kill('SIGTERM');
    const { exitCode, stdout } = await running.finished;
    assert.equal(exitCode, 143);
    const result = JSON.parse(stdout) as BenchJson;
    assert.ok(result.interrupted);
    assert.equal(await keyCount(), 0);
  });

  it('Ctrl-C in a terminal ends it early with its report and 130', async () => {
    const pty = spawnInTerminal(process.execPath, [PROGRAM, 'bench', '--duration', '30s', '--keyspace', '1000'], {
      cols: 80,
      rows: 50,
      env: { ...process.env, REDNODE_HOME: rednode.home, TERM: 'xterm', LANG: 'C.UTF-8', CI: '' },
    });
    let text = '';
    pty.onData((data) => (text += data));
    const exitCode = new Promise<number>((resolve) => {
      pty.onExit((exit) => {
        resolve(exit.exitCode);
      });
    });
    await eventually(() => /running[^]*ops\/s/.test(text), { timeoutMs: 20_000 });
    pty.write('\u0003');
    assert.equal(await exitCode, 130);
    assert.match(text, /ended early/);
    assert.match(text, /█/);
    assert.match(text, /1,000 keys bench:\* removed/);
    assert.equal(await keyCount(), 0);
  });

  it('a load that the server refuses as a whole fails with its error', async () => {
    const failed = await rednode.run(['bench', '--requests', '10', '--prefix', 'x'.repeat(100), '--tenant', 'nobody']);
    assert.equal(failed.exitCode, 1);
    assert.match(failed.stderr, /no such tenant/);
  });

  it('nonsense is refused before anything is sent', async () => {
    const refused = await rednode.run(['bench', '--ratio', '0:0', '--json']);
    assert.equal(refused.exitCode, 2);
    assert.equal(refused.stdout, '');
    assert.equal(jsonErrorOf(refused).code, 'BAD_VALUE');
  });
});

describe('a benchmark of one server', function () {
  this.timeout(60_000);
  let rednode: Rednode;
  let server: Program;
  let url: string;

  before(async () => {
    rednode = await Rednode.create('bench-server');
    server = rednode.start(['server', '--port', '0', '--json', '--max-memory', '4mb', '--log-level', 'error']);
    url = (await server.seen('stdout', /"url": "(redis:[^"]+)"/))[1];
  });

  after(async () => {
    server.kill('SIGTERM');
    await server.finished;
    await rednode.dispose();
  });

  it('is as one of a cluster, without a table of nodes', async () => {
    const { stdout, exitCode } = await rednode.run(['bench', '--url', url, '--requests', '2000', '--keyspace', '100']);
    assert.equal(exitCode, 0);
    assert.match(stdout, /reads[^]*writes[^]*all[^]*2,000 operations/);
    assert.doesNotMatch(stdout, /node +(?:address|ops)/);
  });

  it('counts what is refused for lack of memory, and goes on', async () => {
    const words = [
      'bench',
      '--url',
      url,
      '--size',
      '20kb',
      '--keyspace',
      '1000',
      '--requests',
      '2000',
      '--ratio',
      '1:1',
    ];
    const result = (await rednode.json(words)) as BenchJson;
    assert.deepEqual(
      result.errors.map(({ kind }) => kind),
      ['OOM'],
    );
    assert.ok(result.filledKeys > 0 && result.filledKeys < 1000);
    assert.equal(result.operations + result.errors[0].count, 2000);
    assert.ok(result.reads.notFound > 0);
    assert.equal(await rednode.ok(['exec', '--url', url, 'DBSIZE']), '0');
  });
});
