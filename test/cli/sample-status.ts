/** A cluster status to draw: three masters, three replicas, all well unless told otherwise. */
import type { ClusterStatus, NodeStatus } from '../../src/cluster/types.js';

const HOST = '127.0.0.1';

export function sampleNode(overrides: Partial<NodeStatus> = {}): NodeStatus {
  const port = overrides.port ?? 7379;
  return {
    name: 'n1',
    id: 'a'.repeat(40),
    host: HOST,
    port,
    role: 'master',
    health: 'online',
    slots: '',
    slotCount: 0,
    pid: 4121,
    uptimeMs: 61_000,
    restarts: 0,
    lagBytes: 0,
    report: {
      role: overrides.role ?? 'master',
      offset: 100,
      inSync: true,
      linkUp: true,
      replicas: [],
      keys: 12,
      memoryBytes: 1536,
      rssBytes: 50_000_000,
      clients: 1,
      opsPerSecond: 0,
      commandsProcessed: 1,
    },
    url: `redis://${HOST}:${port}`,
    logFile: `/var/log/${overrides.name ?? 'n1'}.log`,
    ...overrides,
  };
}

export function sampleStatus(overrides: Partial<ClusterStatus> = {}): ClusterStatus {
  return {
    name: 'default',
    state: 'ready',
    epoch: 1,
    launcherPid: 4000,
    directory: '/var/lib/rednode/clusters/default',
    ephemeral: false,
    startedAtMs: 1_700_000_000_000,
    readyInMs: 420,
    slotsServed: 16_384,
    tenants: ['default'],
    nodes: [
      sampleNode({ name: 'n1', port: 7379, slots: '0-5460', slotCount: 5461 }),
      sampleNode({ name: 'n2', port: 7380, slots: '5461-10922', slotCount: 5462 }),
      sampleNode({ name: 'n3', port: 7381, slots: '10923-16383', slotCount: 5461 }),
      sampleNode({ name: 'n4', port: 7382, role: 'replica', masterName: 'n1' }),
      sampleNode({ name: 'n5', port: 7383, role: 'replica', masterName: 'n2' }),
      sampleNode({ name: 'n6', port: 7384, role: 'replica', masterName: 'n3' }),
    ],
    events: [],
    ...overrides,
  };
}
