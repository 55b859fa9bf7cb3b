/** INFO commandstats, errorstats and latencystats: of the tenant's own commands, unless the admin asks. */
import type { SessionPort } from '../../command-table/context.js';
import { commandTable } from '../../command-table/index.js';
import type { Keyspace } from '../../keyspace/keyspace.js';
import type { CommandTally } from '../command-tally.js';
import type { Instance } from '../instance.js';
import type { Section } from './section.js';

function tallyFor(instance: Instance, session: SessionPort, keyspace: Keyspace): CommandTally | undefined {
  const { dispatcher, activity } = instance;
  return session.isAdmin ? dispatcher.clock.tally : activity.findUsage(keyspace.database)?.tally;
}

export const commandStatistics: Section = (instance, session, keyspace) => {
  const fields: Record<string, string> = {};
  const tally = tallyFor(instance, session, keyspace);
  if (tally === undefined) return fields;
  for (const { id, wireName } of commandTable.withSubcommands()) {
    const [calls, rejected, failed] = [tally.calls[id], tally.rejected[id], tally.failed[id]];
    if (calls + rejected === 0) continue;
    const micros = Math.round(tally.micros[id]);
    const each = calls === 0 ? '0.00' : (tally.micros[id] / calls).toFixed(2);
    fields[`cmdstat_${wireName}`] =
      `calls=${calls},usec=${micros},usec_per_call=${each},rejected_calls=${rejected},failed_calls=${failed}`;
  }
  return fields;
};

export const latencyStatistics: Section = (instance, session, keyspace) => {
  const fields: Record<string, string> = {};
  const tally = tallyFor(instance, session, keyspace);
  if (tally === undefined) return fields;
  for (const { id, wireName } of commandTable.withSubcommands()) {
    if (tally.calls[id] === 0) continue;
    const [p50, p99, p999] = [0.5, 0.99, 0.999].map((share) => tally.percentile(id, share).toFixed(3));
    fields[`latency_percentiles_usec_${wireName}`] = `p50=${p50},p99=${p99},p99.9=${p999}`;
  }
  return fields;
};

export const errorStatistics: Section = ({ statistics }) => {
  const fields: Record<string, string> = {};
  for (const [code, count] of statistics.errorsByCode) fields[`errorstat_${code}`] = `count=${count}`;
  return fields;
};
