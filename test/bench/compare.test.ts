import assert from 'node:assert/strict';
import { benchmarkPage } from '../../bench/compare/document.js';
import { goalText, median, verdictOf } from '../../bench/compare/goal.js';
import { loads } from '../../bench/compare/loads.js';
import { figuresIn } from '../../bench/compare/other-benches.js';
import type { Comparison, ServerFigures } from '../../bench/compare/rounds.js';
import { cpuTable, latencyTable, memoryTable, otherTable, throughputTable } from '../../bench/compare/tables.js';

function figures(operationsPerSecond: number, p99Ms: number): ServerFigures {
  return {
    operationsPerSecond,
    p50Ms: 0.1,
    p99Ms,
    p999Ms: p99Ms * 2,
    cpuMicrosecondsPerOperation: 1e6 / operationsPerSecond,
  };
}

function comparison(id: string, rednode: ServerFigures): Comparison {
  const load = loads.find((candidate) => candidate.id === id);
  assert.ok(load !== undefined);
  return { load, redis: figures(1000, 1), rednode, ratioRange: [1, 2] };
}

describe('goals', () => {
  it('are reached at their bound, and short beyond it', () => {
    assert.deepEqual([verdictOf(0.95, { atLeast: 0.95 }), verdictOf(0.949, { atLeast: 0.95 })], ['ok', 'short']);
    assert.deepEqual([verdictOf(70, { atMost: 70 }), verdictOf(70.1, { atMost: 70 })], ['ok', 'short']);
    assert.equal(verdictOf(NaN, { atMost: 1 }), 'short');
    assert.equal(verdictOf(5, {}), '');
    assert.deepEqual([goalText({ atLeast: 1.2 }), goalText({ atMost: 0.8 }), goalText({})], ['>= 1.2', '<= 0.8', '']);
  });

  it('are held against medians', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([9, 1, 5, 7]), 6);
    assert.equal(median([3]), 3);
  });
});

describe('the tables of a comparison', () => {
  const comparisons = [comparison('get-16', figures(1500, 0.5)), comparison('set-1', figures(900, 3))];

  it('compare throughput, processor time and latency, and list what is short', () => {
    const throughput = throughputTable(comparisons);
    assert.deepEqual(throughput.rows[0], ['GET', '16', '1,000', '1,500', '1.50', '1.00 - 2.00', '>= 1.2', 'ok']);
    assert.equal(throughput.rows[1].at(-1), 'short');
    assert.deepEqual(throughput.shortfalls, ['Operations per second: SET at P=1, ratio: 0.9, to reach >= 0.95']);
    assert.deepEqual(cpuTable(comparisons).shortfalls, []);
    const latency = latencyTable(comparisons);
    assert.deepEqual(
      latency.rows.map((row) => row.at(-1)),
      ['', 'ok', 'ok', '', 'short', 'short'],
    );
    assert.match(latency.shortfalls[0], /SET at P=1, p99, ratio: 3, to reach <= 1/);
  });

  it('hold memory against 70 bytes a key', () => {
    const table = memoryTable({ emptyBytes: 1e7, bytesPerKey: 116 }, { emptyBytes: 5e7, bytesPerKey: 71 });
    assert.equal(table.rows[1].at(-1), 'short');
    assert.equal(table.shortfalls.length, 1);
  });
});

describe('other benchmarks', () => {
  it('tell of figures in the lines that they print', () => {
    const printed = [
      'GET of a quiet tenant, 1000 per second',
      'ratio of p99 1.45   to reach <= 1.3   short',
      '  longest stall, 10M inserts: 4.7 ms   to reach <= 10 ms   ok',
      'keys a second    1,234,567   to reach >= 1000000   ok',
      'not a figure to reach <= 3',
    ].join('\n');
    assert.deepEqual(figuresIn(printed, 'b'), [
      { what: 'b: ratio of p99', value: 1.45, unit: '', atMost: 1.3 },
      { what: 'b: longest stall, 10M inserts', value: 4.7, unit: 'ms', atMost: 10 },
      { what: 'b: keys a second', value: 1_234_567, unit: '', atLeast: 1_000_000 },
    ]);
    const table = otherTable([{ name: 'b', printed, figures: figuresIn(printed, 'b'), failure: undefined }]);
    assert.ok(table !== undefined);
    assert.deepEqual(table.rows[1], ['b: longest stall, 10M inserts', '4.7 ms', '<= 10', 'ok']);
    assert.equal(table.shortfalls.length, 1);
    assert.equal(otherTable([]), undefined);
  });
});

describe('the page of benchmarks', () => {
  it('names machine, versions and command line, and says what is not reached, failures included', () => {
    const page = benchmarkPage({
      machine: {
        cpu: 'CPU X',
        cores: 2,
        memory: '8.0 GiB',
        system: 'Linux',
        loadBefore: 0.1,
        node: 'v20.20.2',
        redis: '7.0.15',
        rednode: '0.1.0',
        commit: 'abc1234',
      },
      commandLine: 'npm run bench -- --quick',
      rounds: 3,
      roundMs: 500,
      isPartial: true,
      measuredAt: new Date('2026-01-02T03:04:05Z'),
      tables: [throughputTable([comparison('set-1', figures(900, 3))])],
      others: [
        { name: 'stalls', figures: [], printed: 'a stack with paths', failure: 'it ended with 1' },
        { name: 'start-up', figures: [], printed: 'fast\n', failure: undefined },
      ],
    });
    for (const part of [
      '`npm run bench -- --quick`',
      '2 cores of CPU X',
      'abc1234',
      '7.0.15',
      '2026-01-02 03:04 UTC',
    ]) {
      assert.ok(page.includes(part), part);
    }
    assert.match(page, /no basis for comparison/);
    assert.match(
      page,
      /## What is not reached\n\n- Operations per second: SET[^]*- stalls could not be measured: it ended with 1\n/,
    );
    assert.match(page, /\| SET \| 1 \| 1,000 \| 900 \| 0\.90 \| 1\.00 - 2\.00 \| >= 0\.95 \| \*\*short\*\* \|/);
    assert.match(page, /## bench\/start-up\.ts\n\n```text\nfast\n```\n$/);
    assert.doesNotMatch(page, /a stack with paths/);
  });

  it('has loads with ids of their own', () => {
    assert.equal(new Set(loads.map(({ id }) => id)).size, loads.length);
  });
});
