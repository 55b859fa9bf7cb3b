import assert from 'node:assert/strict';
import { readSettings } from '../../../src/cli/bench/bench-flags.js';
import { latencyText, reportJson, reportText, type BenchReport } from '../../../src/cli/bench/bench-report.js';
import { createTheme } from '../../../src/cli/theme.js';
import { Measurement } from '../../../src/client/bench/measurement.js';

const theme = createTheme({}, { LANG: 'C.UTF-8' });
const settings = readSettings({
  clients: 50,
  pipeline: 16,
  ratio: '9:1',
  keyspace: 100_000,
  size: '64',
  prefix: 'bench:',
  seed: 1,
  rate: 1000,
});

function sampleReport(change: Partial<BenchReport> = {}): BenchReport {
  const measured = new Measurement();
  measured.durationMs = 2000;
  measured.reads.latency.record(0.5, 900);
  measured.reads.empty = 9;
  measured.writes.latency.record(1.5, 100);
  measured.countNode('n10', 400);
  measured.countNode('n2', 600);
  measured.countError('OOM too much');
  measured.outages.push({ node: 'n2', reason: 'connection reset', durationMs: 84 });
  measured.connectionsLost = 50;
  measured.connectionsReopened = 50;
  measured.unanswered = 81;
  measured.redirections = 3;
  return {
    target: 'default',
    masters: [
      { name: 'n2', host: '127.0.0.1', port: 7380 },
      { name: 'n10', host: '127.0.0.1', port: 7388 },
    ],
    isCluster: true,
    settings,
    measured,
    filledKeys: 100_000,
    removedKeys: 100_000,
    isInterrupted: false,
    ...change,
  };
}

describe('the report of a benchmark', () => {
  it('has a line for reads, writes and both, the nodes in their order, and everything that went wrong', async () => {
    const text = await reportText(sampleReport(), theme, 80);
    for (const line of text.split('\n')) assert.ok(line.length <= 80 || /lost|connection/.test(line), line);
    assert.match(text, /reads +450 +0.500 ms +0.500 ms/);
    assert.match(text, /writes +50 +1.50 ms/);
    assert.match(text, /all +500 /);
    assert.match(text, /n2 +127\.0\.0\.1:7380 +300 +60\.0 %\n +n10 +127\.0\.0\.1:7388 +200 +40\.0 %/);
    assert.match(text, /1 x OOM {3}OOM too much/);
    assert.match(text, /n2 lost, all connected again after 84 ms/);
    assert.match(text, /50 connections lost, 50 opened again, 81 operations without an answer/);
    assert.match(text, /3 operations redirected/);
    assert.match(text, /1\.00 % of the reads found no key/);
    assert.match(text, /did not keep up with 1,000 ops\/s/);
    assert.match(text, /1,000 operations in 2\.00 s\n/);
    assert.match(text, /100,000 keys bench:\* removed$/);
  });

  it('says when keys were left, and when it was ended early', async () => {
    const text = await reportText(sampleReport({ removedKeys: undefined, isInterrupted: true }), theme, 80);
    assert.match(text, /ended early/);
    assert.match(text, /the keys are kept: bench:\*$/);
  });

  it('of nothing is a report all the same', async () => {
    const text = await reportText(sampleReport({ measured: new Measurement(), isCluster: false }), theme, 80);
    assert.match(text, /all +0 /);
    assert.match(text, /0 operations in 0 ms/);
  });

  it('is JSON with the same figures', () => {
    const json = JSON.parse(JSON.stringify(reportJson(sampleReport()))) as Record<string, unknown>;
    assert.equal(json.operationsPerSecond, 500);
    assert.deepEqual((json.latencyMs as Record<string, number>).p999, 1.5);
    assert.deepEqual(json.errors, [{ kind: 'OOM', example: 'OOM too much', count: 1 }]);
    assert.deepEqual(json.nodes, [
      { node: 'n2', address: '127.0.0.1:7380', operations: 600 },
      { node: 'n10', address: '127.0.0.1:7388', operations: 400 },
    ]);
    assert.deepEqual(
      [json.connectionsLost, json.unanswered, json.redirections, json.removedKeys, json.interrupted],
      [50, 81, 3, 100_000, false],
    );
  });

  it('shows latencies with three digits', () => {
    assert.deepEqual([0.0625, 1.234, 12.34, 123.4].map(latencyText), ['0.063 ms', '1.23 ms', '12.3 ms', '123 ms']);
  });
});
