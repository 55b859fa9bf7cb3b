/** INFO replication. */
import type { Section } from './section.js';

/** As Redis has it where there is no time to tell. */
const NEVER = -1;

const wholeSeconds = (ms: number): number => Math.floor(ms / 1000);

export const replication: Section = ({ replication: role, config }) => {
  const { log, master, replicas } = role;
  const fields: Record<string, string | number> = { role: role.role === 'master' ? 'master' : 'slave' };
  if (master !== undefined) {
    fields.master_host = master.host;
    fields.master_port = master.port;
    fields.master_link_status = master.state === 'connected' ? 'up' : 'down';
    fields.master_last_io_seconds_ago = role.masterSilentMs === undefined ? NEVER : wholeSeconds(role.masterSilentMs);
    fields.master_sync_in_progress = master.state === 'sync' ? 1 : 0;
    if (master.state !== 'connected') {
      fields.master_link_down_since_seconds = role.outOfSyncMs === undefined ? NEVER : wholeSeconds(role.outOfSyncMs);
    }
    fields.slave_read_repl_offset = role.offset;
    fields.slave_repl_offset = role.offset;
    fields.slave_read_only = 1;
  }
  fields.connected_slaves = replicas.length;
  replicas.forEach((replica, index) => {
    const { host, port, inSync, ackOffset, silentMs } = replica;
    const state = inSync ? 'online' : 'send_bulk';
    const lag = `lag=${wholeSeconds(silentMs)},lag_bytes=${role.offset - ackOffset}`;
    fields[`slave${index}`] = `ip=${host},port=${port},state=${state},offset=${ackOffset},${lag}`;
  });
  return {
    ...fields,
    master_failover_state: 'no-failover',
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
