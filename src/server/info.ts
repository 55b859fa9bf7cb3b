/** The text of INFO: Redis's sections and field names, which monitoring tools read. A tenant sees its own figures only. */
import { compatibleRedisVersion, version } from '../config/version.js';
import type { SessionPort } from '../command-table/context.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { commandTable } from '../command-table/index.js';
import type { Instance } from './instance.js';

type Fields = Readonly<Record<string, string | number>>;
type Section = (instance: Instance, session: SessionPort, keyspace: Keyspace) => Fields;

const server: Section = (instance, session) => {
  const uptimeSeconds = Math.floor((instance.clock.now() - instance.startedAtMs) / 1000);
  const always: Fields = {
    redis_version: compatibleRedisVersion,
    rednode_version: version,
    redis_mode: instance.topology === undefined ? 'standalone' : 'cluster',
    tenant: session.tenant,
    tcp_port: instance.port,
    uptime_in_seconds: uptimeSeconds,
    uptime_in_days: Math.floor(uptimeSeconds / 86_400),
  };
  if (!session.isAdmin) return always;
  return {
    ...always,
    node_version: process.version,
    os: `${process.platform} ${process.arch}`,
    arch_bits: 64,
    process_id: process.pid,
    run_id: instance.replication.log.replicationId,
    ...(instance.self === undefined ? {} : { rednode_node_name: instance.self.name }),
  };
};

const clients: Section = (instance, session) => {
  const visible = [...instance.sessionsVisibleTo(session)];
  return {
    connected_clients: visible.length,
    maxclients: instance.config.maxClients,
    pubsub_clients: visible.filter((other) => other.subscriptions.count > 0).length,
  };
};

const memory: Section = (instance, session, keyspace) => {
  if (!session.isAdmin) return { used_memory: keyspace.usedBytes, used_memory_dataset: keyspace.usedBytes };
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return {
    used_memory: instance.store.usedBytes,
    used_memory_rss: rss,
    used_memory_dataset: instance.store.usedBytes,
    used_memory_js_heap: heapUsed,
    used_memory_array_buffers: arrayBuffers,
    maxmemory: instance.config.maxMemoryBytes,
    maxmemory_policy: 'noeviction',
  };
};

const persistence: Section = () => ({ loading: 0, rdb_bgsave_in_progress: 0, aof_enabled: 0 });

const stats: Section = ({ statistics, pubsub, store }, session, keyspace) => {
  const own: Fields = {
    keyspace_hits: keyspace.hits,
    keyspace_misses: keyspace.misses,
    pubsub_channels: pubsub.channels(keyspace.database, undefined).length,
    pubsub_patterns: pubsub.patternCount(keyspace.database),
  };
  if (!session.isAdmin) return own;
  let hits = 0;
  let misses = 0;
  for (const tenant of store.keyspaces()) {
    hits += tenant.hits;
    misses += tenant.misses;
  }
  return {
    total_connections_received: statistics.connectionsReceived,
    total_commands_processed: statistics.commandsProcessed,
    instantaneous_ops_per_sec: statistics.opsPerSecond,
    total_net_input_bytes: statistics.inputBytes,
    total_net_output_bytes: statistics.outputBytes,
    rejected_connections: statistics.rejectedConnections,
    sync_full: statistics.fullSyncs,
    sync_partial_ok: statistics.partialSyncs,
    expired_keys: statistics.expiredKeys,
    evicted_keys: 0,
    slow_subscribers_dropped: statistics.slowSubscribersDropped,
    protocol_errors: statistics.protocolErrors,
    ...own,
    keyspace_hits: hits,
    keyspace_misses: misses,
  };
};

const replication: Section = ({ replication: role, config }) => {
  const { log, master, replicas } = role;
  const fields: Record<string, string | number> = { role: role.role === 'master' ? 'master' : 'slave' };
  if (master !== undefined) {
    fields.master_host = master.host;
    fields.master_port = master.port;
    fields.master_link_status = master.state === 'connected' ? 'up' : 'down';
    fields.master_sync_in_progress = master.state === 'sync' ? 1 : 0;
    fields.slave_repl_offset = role.offset;
    fields.slave_read_only = 1;
  }
  fields.connected_slaves = replicas.length;
  replicas.forEach((replica, index) => {
    const { host, port, inSync, ackOffset, silentMs } = replica;
    const state = inSync ? 'online' : 'send_bulk';
    const lag = `lag=${Math.floor(silentMs / 1000)},lag_bytes=${role.offset - ackOffset}`;
    fields[`slave${index}`] = `ip=${host},port=${port},state=${state},offset=${ackOffset},${lag}`;
  });
  return {
    ...fields,
    master_replid: log.replicationId,
    master_replid2: log.secondaryId,
    master_repl_offset: log.endOffset,
    second_repl_offset: log.secondaryIdEndOffset,
    repl_backlog_active: log.isActive ? 1 : 0,
    repl_backlog_size: config.backlogBytes,
    repl_backlog_first_byte_offset: log.startOffset,
    repl_backlog_histlen: log.endOffset - log.startOffset,
  };
};

const cpu: Section = () => {
  const { user, system } = process.cpuUsage();
  return { used_cpu_sys: (system / 1e6).toFixed(6), used_cpu_user: (user / 1e6).toFixed(6) };
};

const commandStatistics: Section = ({ dispatcher }) => {
  const fields: Record<string, string> = {};
  for (const command of commandTable.all()) {
    for (const entry of [command, ...command.subcommands]) {
      const calls = dispatcher.calls[entry.id];
      if (calls > 0) fields[`cmdstat_${entry.wireName}`] = `calls=${calls}`;
    }
  }
  return fields;
};

const cluster: Section = (instance) => ({ cluster_enabled: instance.topology === undefined ? 0 : 1 });

const keyspaceSection: Section = (_instance, _session, keyspace): Fields => {
  if (keyspace.size === 0) return {};
  return { db0: `keys=${keyspace.size},expires=${keyspace.expiresCount},avg_ttl=0` };
};

interface SectionEntry {
  readonly title: string;
  readonly render: Section;
  /** Left out unless it is asked for. */
  readonly isExtra?: boolean;
  readonly adminOnly?: boolean;
}

const sections: readonly SectionEntry[] = [
  { title: 'Server', render: server },
  { title: 'Clients', render: clients },
  { title: 'Memory', render: memory },
  { title: 'Persistence', render: persistence },
  { title: 'Stats', render: stats },
  { title: 'Replication', render: replication, adminOnly: true },
  { title: 'CPU', render: cpu, adminOnly: true },
  { title: 'Commandstats', render: commandStatistics, isExtra: true, adminOnly: true },
  { title: 'Cluster', render: cluster },
  { title: 'Keyspace', render: keyspaceSection },
];

const wholeSets = new Set(['all', 'everything']);

/** Names are lower case; without any, or with `default`, the default sections. Unknown ones are left out, as in Redis. */
export function infoText(
  instance: Instance,
  names: readonly string[],
  session: SessionPort,
  keyspace: Keyspace,
): string {
  const wantsDefault = names.length === 0 || names.includes('default');
  const wantsAll = names.some((name) => wholeSets.has(name));
  const parts: string[] = [];
  for (const { title, render, isExtra, adminOnly } of sections) {
    const isWanted = wantsAll || names.includes(title.toLowerCase()) || (wantsDefault && isExtra !== true);
    if (!isWanted || (adminOnly === true && !session.isAdmin)) continue;
    const lines = Object.entries(render(instance, session, keyspace)).map(([field, value]) => `${field}:${value}\r\n`);
    parts.push(`# ${title}\r\n${lines.join('')}`);
  }
  return parts.join('\r\n');
}
