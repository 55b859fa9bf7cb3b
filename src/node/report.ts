/** What a node tells the launcher of itself, several times a second. */
import type { NodeReport } from '../ipc/messages.js';
import type { Instance } from '../server/instance.js';

export function reportOf(instance: Instance): NodeReport {
  const { replication, store, statistics, sessions } = instance;
  let keys = 0;
  for (const keyspace of store.keyspaces()) keys += keyspace.size;
  return {
    role: replication.role,
    offset: replication.offset,
    inSync: replication.role === 'master' || replication.isInSync,
    linkUp: replication.role === 'master' || replication.isLinkUp,
    replicas: replication.replicas.map(({ name, ackOffset, inSync }) => ({ name, ackOffset, inSync })),
    keys,
    memoryBytes: store.usedBytes,
    rssBytes: process.memoryUsage.rss(),
    clients: sessions.size,
    opsPerSecond: statistics.opsPerSecond,
    commandsProcessed: statistics.commandsProcessed,
    lastSync: replication.lastSync,
  };
}
