/** INFO: the fields that monitoring tools read are there and true, and a tenant is shown nothing of the node or of others. */
import assert from 'node:assert/strict';
import { Store } from '../../src/keyspace/store.js';
import { meanTtlMs } from '../../src/server/info/keyspace-section.js';
import { hashSecret } from '../../src/tenancy/tokens.js';
import { seededRandom } from '../support/seeded-random.js';
import { ask, TestServers, untilEven } from './linked-servers.js';
import type { RawConnection } from '../support/raw-connection.js';

/**
 * What redis_exporter, Datadog, Netdata and Telegraf read of INFO, without what docs/differences.md says is left out. By section.
 */
const MONITORED: Readonly<Record<string, readonly string[]>> = {
  server: [
    'redis_version',
    'redis_mode',
    'os',
    'tcp_port',
    'run_id',
    'process_id',
    'uptime_in_seconds',
    'uptime_in_days',
  ],
  clients: [
    'connected_clients',
    'blocked_clients',
    'tracking_clients',
    'maxclients',
    'cluster_connections',
    'client_recent_max_input_buffer',
    'client_recent_max_output_buffer',
  ],
  memory: [
    'used_memory',
    'used_memory_human',
    'used_memory_rss',
    'used_memory_peak',
    'used_memory_peak_human',
    'used_memory_peak_perc',
    'used_memory_overhead',
    'used_memory_startup',
    'used_memory_dataset',
    'used_memory_dataset_perc',
    'used_memory_scripts',
    'allocator_allocated',
    'allocator_active',
    'allocator_frag_ratio',
    'allocator_frag_bytes',
    'total_system_memory',
    'total_system_memory_human',
    'maxmemory',
    'maxmemory_human',
    'maxmemory_policy',
    'mem_fragmentation_ratio',
    'mem_fragmentation_bytes',
    'mem_not_counted_for_evict',
    'mem_replication_backlog',
    'mem_clients_slaves',
    'mem_clients_normal',
    'mem_aof_buffer',
    'mem_allocator',
    'active_defrag_running',
  ],
  persistence: [
    'loading',
    'rdb_changes_since_last_save',
    'rdb_bgsave_in_progress',
    'aof_enabled',
    'aof_rewrite_in_progress',
    'aof_rewrite_scheduled',
    'module_fork_in_progress',
  ],
  stats: [
    'total_connections_received',
    'total_commands_processed',
    'instantaneous_ops_per_sec',
    'instantaneous_input_kbps',
    'instantaneous_output_kbps',
    'total_net_input_bytes',
    'total_net_output_bytes',
    'rejected_connections',
    'sync_full',
    'sync_partial_ok',
    'sync_partial_err',
    'expired_keys',
    'evicted_keys',
    'evicted_clients',
    'keyspace_hits',
    'keyspace_misses',
    'pubsub_channels',
    'pubsub_patterns',
    'pubsubshard_channels',
    'latest_fork_usec',
    'migrate_cached_sockets',
    'slave_expires_tracked_keys',
    'active_defrag_hits',
    'active_defrag_misses',
    'unexpected_error_replies',
    'total_error_replies',
    'acl_access_denied_auth',
  ],
  replication: [
    'role',
    'connected_slaves',
    'master_failover_state',
    'master_replid',
    'master_replid2',
    'master_repl_offset',
    'second_repl_offset',
    'repl_backlog_active',
    'repl_backlog_size',
    'repl_backlog_first_byte_offset',
    'repl_backlog_histlen',
  ],
  cpu: ['used_cpu_sys', 'used_cpu_user', 'used_cpu_sys_children', 'used_cpu_user_children'],
  cluster: ['cluster_enabled'],
};

/** Fields of the node as a whole that a tenant must not see. */
const NODE_ONLY =
  /^(process_id|run_id|executable|used_memory_rss|total_|instantaneous_|used_cpu|master_repl|errorstat_|mem_|allocator_|maxmemory)/m;

/** Fields by name, the headings of sections left out. */
function fieldsOf(reply: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [, name, value] of reply.matchAll(/^([^\s:#$][^:]*):(.*?)\r?$/gm)) fields.set(name, value);
  return fields;
}

async function info(connection: RawConnection, ...sections: string[]): Promise<Map<string, string>> {
  const [reply] = await ask(connection, `INFO ${sections.join(' ')}`);
  return fieldsOf(reply);
}

describe('INFO', () => {
  const servers = new TestServers();

  afterEach(async () => {
    await servers.stop();
  });

  for (const [section, names] of Object.entries(MONITORED)) {
    it(`has the fields of ${section} that monitoring tools read, each with a value`, async () => {
      const connection = await servers.connect(await servers.start());
      await ask(connection, 'SET k v', 'GET k');
      const fields = await info(connection, section);
      assert.deepEqual(
        names.filter((name) => (fields.get(name) ?? '') === ''),
        [],
      );
      for (const [name, value] of fields) assert.doesNotMatch(value, /NaN|Infinity|undefined|null|object/, name);
    });
  }

  it('is answered without NaN on a node that holds nothing', async () => {
    const connection = await servers.connect(await servers.start());
    const [reply] = await ask(connection, 'INFO everything');
    assert.doesNotMatch(reply, /NaN|Infinity|undefined/);
  });

  it('counts reads, errors, changes and refused logins as they happen', async () => {
    const server = await servers.start({ adminPasswordHash: hashSecret('root-secret'), authDelayMs: 0 });
    const connection = await servers.connect(server);
    await ask(
      connection,
      'AUTH wrong',
      'AUTH root-secret',
      'SET k v',
      'GET k',
      'GET k',
      'GET none',
      'INCR k',
      'NOSUCH',
    );
    const fields = await info(connection, 'stats', 'persistence', 'errorstats', 'clients');
    assert.equal(fields.get('keyspace_hits'), '2');
    assert.equal(fields.get('keyspace_misses'), '1');
    assert.equal(fields.get('total_error_replies'), '3');
    assert.equal(fields.get('unexpected_error_replies'), '0');
    assert.equal(fields.get('acl_access_denied_auth'), '1');
    assert.equal(fields.get('rdb_changes_since_last_save'), '1');
    assert.equal(fields.get('errorstat_WRONGPASS'), 'count=1');
    assert.equal(fields.get('errorstat_ERR'), 'count=2');
    assert.equal(fields.get('connected_clients'), '1');
  });

  it('tells how the memory is used, in parts that belong together', async () => {
    const connection = await servers.connect(await servers.start());
    await ask(connection, 'SETRANGE big 9999999 x');
    const fields = await info(connection, 'memory');
    const figure = (name: string): number => Number(fields.get(name));
    assert.ok(figure('used_memory_dataset') >= 10_000_000);
    assert.ok(figure('allocator_active') >= figure('allocator_allocated'));
    assert.ok(figure('used_memory_peak') >= figure('used_memory'));
    assert.equal(figure('used_memory'), figure('used_memory_dataset') + figure('used_memory_overhead'));
    assert.match(fields.get('used_memory_human') ?? '', /^\d+\.\d\d[MG]$/);
  });

  it('shows a tenant its own figures and nothing of the node', async () => {
    const server = await servers.start();
    const admin = await servers.connect(server);
    const tenant = await servers.connectAs(server, 'acme');
    await ask(admin, 'SET a 1', 'SET b 2', 'GET a', 'GET b', 'GET c', 'INCR none x');
    await ask(tenant, 'SET k v EX 100', 'GET k');
    const [reply] = await ask(tenant, 'INFO everything');
    assert.doesNotMatch(reply, NODE_ONLY);
    const fields = fieldsOf(reply);
    assert.equal(fields.get('tenant'), 'acme');
    assert.equal(fields.get('keyspace_hits'), '1');
    assert.equal(fields.get('keyspace_misses'), '0');
    assert.equal(fields.get('connected_clients'), '1');
    assert.match(fields.get('db0') ?? '', /^keys=1,expires=1,avg_ttl=(?:99|100)\d{3}$/);
    assert.match(fields.get('cmdstat_set') ?? '', /^calls=1,/);
  });

  it('tells of a replica how it is linked, and of its master how it came into sync', async () => {
    const [master, replica] = [await servers.start(), await servers.start()];
    await servers.link(master, replica);
    const [toMaster, toReplica] = [await servers.connect(master), await servers.connect(replica)];
    await ask(toMaster, 'SET k v');
    await untilEven(master, replica);
    const fields = await info(toReplica, 'replication');
    assert.equal(fields.get('role'), 'slave');
    assert.equal(fields.get('master_link_status'), 'up');
    assert.match(fields.get('master_last_io_seconds_ago') ?? '', /^\d$/);
    assert.equal(fields.has('master_link_down_since_seconds'), false);
    assert.equal(fields.get('slave_read_repl_offset'), fields.get('slave_repl_offset'));
    const counts = await info(toMaster, 'stats');
    assert.deepEqual(
      ['sync_full', 'sync_partial_ok', 'sync_partial_err'].map((name) => counts.get(name)),
      ['1', '0', '0'],
    );
    await servers.link(master, replica);
    const again = await info(toMaster, 'stats');
    assert.deepEqual(
      ['sync_full', 'sync_partial_ok', 'sync_partial_err'].map((name) => again.get(name)),
      ['1', '1', '0'],
    );
  });
});

describe('the average time to live of INFO', () => {
  const NOW_MS = 1_000_000;

  /** A keyspace of so many keys, every fourth with a deadline between one second and nine from now. */
  function filled(keys: number): ReturnType<Store['keyspace']> {
    const keyspace = new Store().keyspace(0);
    keyspace.nowMs = NOW_MS;
    for (let index = 0; index < keys; index++) {
      const key = Buffer.from(`key:${index}`);
      const ref = keyspace.setString(key, 0, key.length, key, 0, key.length, false);
      if (index % 4 === 0) keyspace.setDeadline(key, 0, key.length, ref, NOW_MS + 1000 + (index % 9) * 1000);
    }
    return keyspace;
  }

  it('is 0 without deadlines', () => {
    assert.equal(meanTtlMs(new Store().keyspace(0), NOW_MS, Math.random), 0);
  });

  it('is exact where there are few keys', () => {
    let sumMs = 0;
    for (let index = 0; index < 400; index += 4) sumMs += 1000 + (index % 9) * 1000;
    assert.equal(meanTtlMs(filled(400), NOW_MS, Math.random), sumMs / 100);
  });

  it('is near it where there are many', () => {
    const found = meanTtlMs(filled(20_000), NOW_MS, seededRandom(7));
    assert.ok(found > 4000 && found < 6000, `${found}`);
  });
});
