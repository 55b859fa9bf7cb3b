import assert from 'node:assert/strict';
import { readyBanner, startHeader } from '../../src/cli/cluster-banner.js';
import { eventLine, statusText } from '../../src/cli/cluster-status-view.js';
import { nodeActionText } from '../../src/cli/node-action-view.js';
import { ringEntries, ringText } from '../../src/cli/ring-view.js';
import { createTheme } from '../../src/cli/theme.js';
import type { ClusterOptions } from '../../src/cluster/types.js';
import { sampleNode, sampleStatus } from './sample-status.js';

const plain = createTheme({ isTTY: false }, { LANG: 'C.UTF-8' });
const COLUMNS = 80;

const options: ClusterOptions = {
  name: 'default',
  masters: 3,
  replicasPerMaster: 1,
  host: '127.0.0.1',
  port: 7379,
  portIsExplicit: false,
  directory: '/var/lib/rednode/clusters/default',
  ephemeral: false,
  startTimeoutMs: 30_000,
  maxMemoryBytes: 0,
  logLevel: 'info',
};

function assertFits(text: string): void {
  for (const line of text.split('\n')) assert.ok(line.length <= COLUMNS, `${line.length} columns: ${line}`);
}

describe('the banner of a start', () => {
  it('says its shape, and plainly that data is in memory', () => {
    const header = startHeader(options, plain);
    assert.match(header, /cluster default {3}3 masters \+ 3 replicas {3}data: in memory/);
    assertFits(header);
  });

  it("ends with every node's URL, the redis-cli line and what to type next", () => {
    const banner = readyBanner(sampleStatus(), 'foreground', plain);
    for (const port of [7379, 7380, 7381, 7382, 7383, 7384])
      assert.match(banner, new RegExp(`redis://127.0.0.1:${port}`));
    assert.match(banner, /redis-cli -c -p 7379/);
    assert.match(banner, /rednode shell/);
    assert.match(banner, /Data is in memory/);
    assert.match(banner, /Ctrl-C stops the cluster/);
    assertFits(banner);
  });

  it('names the cluster in what to type when it is not the default one', () => {
    const banner = readyBanner(sampleStatus({ name: 'staging' }), 'background', plain);
    assert.match(banner, /rednode shell --cluster staging/);
    assert.match(banner, /rednode cluster down staging stops it/);
  });
});

describe('the status of a cluster', () => {
  it('fits 80 columns and lines its columns up', async () => {
    const nodes = sampleStatus().nodes.map((node) => ({ ...node, pid: 4_194_303, uptimeMs: 11_520_000 }));
    const text = await statusText(sampleStatus({ nodes }), plain, 1_700_000_061_000);
    assertFits(text);
    assert.match(text, /^cluster default {3}ready {3}all slots served {3}1 tenant/);
    const rows = text.split('\n').filter((line) => /^n\d/.test(line));
    assert.equal(rows.length, 6);
    assert.equal(new Set(rows.map((row) => row.indexOf('127.0.0.1'))).size, 1);
  });

  it('says how many slots nobody serves', async () => {
    const text = await statusText(sampleStatus({ state: 'failing', slotsServed: 10_923 }), plain, 1_700_000_061_000);
    assert.match(text, /failing {3}10923 of 16384 slots served/);
  });

  it('shows a dead node without figures of its own', async () => {
    const dead = sampleNode({ health: 'down', pid: undefined, uptimeMs: undefined, report: undefined });
    const text = await statusText(sampleStatus({ nodes: [dead] }), plain, 1_700_000_061_000);
    assert.match(text, /n1 +master +down/);
    assert.doesNotMatch(text, /undefined|NaN/);
  });

  it('an event names its node once', () => {
    const event = { atMs: 0, kind: 'promoted', node: 'n5', message: 'n5 promoted after 41 ms' } as const;
    assert.match(eventLine(event, plain), /^ {2}\d\d:\d\d:\d\d {2}n5 promoted after 41 ms$/);
    assert.match(eventLine({ ...event, message: 'promoted' }, plain), /n5 promoted$/);
  });
});

describe('the ring', () => {
  it('has a bar for each master, with slots, keys and memory, within 80 columns', () => {
    const text = ringText(sampleStatus(), plain, COLUMNS);
    assertFits(text);
    assert.equal(text.split('\n').filter((line) => line.includes('█')).length, 3);
    assert.match(text, /n2 .*5462 slots .*12 keys .*1\.5 KiB .*n5/);
  });

  it('tells owners apart by letters where there is no colour', () => {
    const status = sampleStatus({
      nodes: [
        sampleNode({ name: 'n1', slots: '0-1', slotCount: 2 }),
        sampleNode({ name: 'n2', slots: '2-3', slotCount: 2 }),
      ],
    });
    assert.match(ringText(status, plain, COLUMNS), /AABB·+/);
  });

  it('as data gives each master with its share', () => {
    const entries = ringEntries(sampleStatus());
    assert.deepEqual(
      entries.map(({ node, slotCount, replicas }) => ({ node, slotCount, replicas })),
      [
        { node: 'n1', slotCount: 5461, replicas: ['n4'] },
        { node: 'n2', slotCount: 5462, replicas: ['n5'] },
        { node: 'n3', slotCount: 5461, replicas: ['n6'] },
      ],
    );
  });
});

describe('what a kill led to', () => {
  it('is told in a line for each thing that happened', () => {
    const text = nodeActionText(
      {
        node: 'n2',
        pid: 4121,
        promoted: { node: 'n5', afterMs: 41, slots: '5461-10922', slotCount: 5462 },
        back: { pid: 4130, role: 'replica', masterName: 'n5', afterMs: 380, sync: { kind: 'partial', bytes: 112 } },
      },
      'killed',
      plain,
    );
    assert.equal(
      text,
      [
        'n2 killed (pid 4121)',
        'n5 promoted after 41 ms, slots 5461-10922 served again',
        'n2 back as replica of n5 after 380 ms (partial sync, 112 B)',
      ].join('\n'),
    );
  });

  it('of a restart names the old process and the new one', () => {
    const back = { pid: 4130, role: 'replica', masterName: 'n1', afterMs: 380 } as const;
    assert.match(
      nodeActionText({ node: 'n4', pid: 4121, back }, 'restarted', plain),
      /^n4 restarted \(pid 4121 -> 4130\)$/m,
    );
  });

  it('counts slots that are scattered over many ranges', () => {
    const promoted = { node: 'n5', afterMs: 41, slots: '0-1,3,5-7', slotCount: 6 };
    assert.match(nodeActionText({ node: 'n2', pid: 1, promoted }, 'killed', plain), /, 6 slots served again/);
  });

  it('says so when the node did not come back', () => {
    assert.match(nodeActionText({ node: 'n2', pid: 1 }, 'killed', plain), /n2 is not back yet/);
  });
});
