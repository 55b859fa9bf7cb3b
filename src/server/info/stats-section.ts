/** INFO stats. */
import type { Section } from './section.js';

export const stats: Section = ({ statistics, pubsub, store }, session, keyspace) => {
  const own = {
    keyspace_hits: keyspace.hits,
    keyspace_misses: keyspace.misses,
    expired_keys: keyspace.expiredKeys,
    evicted_keys: keyspace.evictedKeys,
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
    instantaneous_input_kbps: statistics.inputKilobitsPerSecond.toFixed(2),
    instantaneous_output_kbps: statistics.outputKilobitsPerSecond.toFixed(2),
    rejected_connections: statistics.rejectedConnections,
    sync_full: statistics.fullSyncs,
    sync_partial_ok: statistics.partialSyncs,
    sync_partial_err: statistics.refusedPartialSyncs,
    expired_keys: statistics.expiredKeys,
    evicted_keys: statistics.evictedKeys,
    evicted_clients: statistics.evictedClients,
    keyspace_hits: hits,
    keyspace_misses: misses,
    pubsub_channels: own.pubsub_channels,
    pubsub_patterns: own.pubsub_patterns,
    pubsubshard_channels: 0,
    latest_fork_usec: 0,
    total_forks: 0,
    migrate_cached_sockets: 0,
    slave_expires_tracked_keys: 0,
    active_defrag_hits: 0,
    active_defrag_misses: 0,
    active_defrag_key_hits: 0,
    active_defrag_key_misses: 0,
    tracking_total_keys: 0,
    tracking_total_items: 0,
    tracking_total_prefixes: 0,
    unexpected_error_replies: statistics.unexpectedErrors,
    total_error_replies: statistics.errorReplies,
    acl_access_denied_auth: statistics.authenticationFailures,
    client_output_buffer_limit_disconnections: statistics.outputLimitDisconnections,
    slow_subscribers_dropped: statistics.slowSubscribersDropped,
    tls_handshake_failures: statistics.tlsHandshakeFailures,
    protocol_errors: statistics.protocolErrors,
  };
};
