/** The text of INFO: Redis's sections and field names, which monitoring tools read. A tenant sees its own figures only. */
import type { SessionPort } from '../../command-table/context.js';
import { compatibleRedisVersion, version } from '../../config/version.js';
import type { Keyspace } from '../../keyspace/keyspace.js';
import type { Instance } from '../instance.js';
import { commandStatistics, errorStatistics, latencyStatistics } from './command-sections.js';
import { keyspace } from './keyspace-section.js';
import { memory } from './memory-section.js';
import { replication } from './replication-section.js';
import type { Fields, Section } from './section.js';
import { stats } from './stats-section.js';

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
    multiplexing_api: 'libuv',
    executable: process.execPath,
    config_file: '',
    io_threads_active: 0,
    server_time_usec: instance.nowMs * 1000,
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
    cluster_connections: 0,
    maxclients: instance.config.maxClients,
    client_recent_max_input_buffer: Math.max(0, ...visible.map(({ decoder }) => decoder.bufferedBytes)),
    client_recent_max_output_buffer: Math.max(0, ...visible.map(({ outputBytes }) => outputBytes)),
    blocked_clients: visible.filter(({ blocked }) => blocked !== undefined).length,
    tracking_clients: 0,
    pubsub_clients: visible.filter((other) => other.subscriptions.count > 0).length,
  };
};

/** Nothing is kept: every change since the start would be lost. */
const persistence: Section = ({ store }, session, keyspace) => {
  let changes = keyspace.dirty;
  if (session.isAdmin) {
    changes = 0;
    for (const { dirty } of store.keyspaces()) changes += dirty;
  }
  return {
    loading: 0,
    async_loading: 0,
    rdb_changes_since_last_save: changes,
    rdb_bgsave_in_progress: 0,
    rdb_saves: 0,
    aof_enabled: 0,
    aof_rewrite_in_progress: 0,
    aof_rewrite_scheduled: 0,
    module_fork_in_progress: 0,
  };
};

const cpu: Section = () => {
  const { user, system } = process.cpuUsage();
  return {
    used_cpu_sys: (system / 1e6).toFixed(6),
    used_cpu_user: (user / 1e6).toFixed(6),
    // A node starts no processes.
    used_cpu_sys_children: '0.000000',
    used_cpu_user_children: '0.000000',
  };
};

const cluster: Section = (instance) => ({ cluster_enabled: instance.topology === undefined ? 0 : 1 });

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
  { title: 'Modules', render: () => ({}) },
  { title: 'Commandstats', render: commandStatistics, isExtra: true },
  { title: 'Errorstats', render: errorStatistics, adminOnly: true },
  { title: 'Latencystats', render: latencyStatistics, isExtra: true },
  { title: 'Cluster', render: cluster },
  { title: 'Keyspace', render: keyspace },
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
