/** Puts the parts of a running cluster together: members, their supervisor, the tenants, and the state that is kept of them. */
import { systemClock } from '../clock.js';
import { TenantJournal } from '../tenancy/journal.js';
import type { TenantsState } from '../tenancy/records.js';
import type { Topology, TopologyNode } from '../topology/topology.js';
import { logFilePath, tenantJournalPath } from './cluster-files.js';
import type { LauncherTimings } from './limits.js';
import { Member } from './member.js';
import type { MemberEvents } from './member.js';
import { Membership } from './membership.js';
import { NodeActions } from './node-actions.js';
import type { ClusterPlan } from './plan.js';
import { StateFile } from './state-file.js';
import type { ClusterState } from './state-file.js';
import { Supervisor } from './supervisor.js';
import { TenantChanges } from './tenant-changes.js';
import type { ClusterOptions } from './types.js';

export interface ClusterProcesses {
  readonly membership: Membership;
  readonly supervisor: Supervisor;
  readonly tenants: TenantChanges;
  readonly actions: NodeActions;
  /** Writes the state as it is now. Throws FILE_ERROR. */
  saveState(): Promise<void>;
}

/**
 * Starts nothing yet. `onDefect` is told of errors in work that nobody waits for: a state file that cannot be written, or
 * a defect of the launcher itself.
 */
export function assembleCluster(
  options: ClusterOptions,
  plan: ClusterPlan,
  nodeEntry: string,
  timings: LauncherTimings,
  onDefect: (error: unknown) => void,
): ClusterProcesses {
  const stateFile = new StateFile(options.directory);
  const watch = (work: Promise<unknown>): void => {
    work.catch(onDefect);
  };
  const events: MemberEvents = {
    notice: (member, process, notice) => {
      watch(supervisor.notice(member, process, notice));
    },
    exited: (member, process, exit, uptimeMs) => {
      watch(supervisor.exited(member, process, exit, uptimeMs));
    },
  };
  const members = plan.topology.nodes.map((node) => memberOf(node, options, nodeEntry, timings, events));
  const save = (topology: Topology, tenants: TenantsState): Promise<void> =>
    stateFile.save(stateOf(options, plan, topology, tenants));
  const membership = new Membership(plan.topology, members, systemClock, (topology) => {
    if (supervisor.phase === 'running') watch(save(topology, tenants.state));
  });
  const saveState = (): Promise<void> => save(membership.topology, tenants.state);
  const journal = new TenantJournal(tenantJournalPath(options.directory), saveState);
  const { tenants: records = [], nextDatabase = 1 } = plan.kept ?? {};
  const tenants: TenantChanges = new TenantChanges({
    initial: { records, nextDatabase },
    clock: systemClock,
    persist: (effect, count) => journal.append(effect, count),
    distribute: (effect) => membership.tellTenants(effect),
  });
  const supervisor: Supervisor = new Supervisor(membership, tenants, timings, onDefect);
  const actions = new NodeActions(membership, supervisor, timings);
  return { membership, supervisor, tenants, actions, saveState };
}

function memberOf(
  { name, port, tlsPort }: TopologyNode,
  options: ClusterOptions,
  entry: string,
  timings: LauncherTimings,
  events: MemberEvents,
): Member {
  const { host, maxMemoryBytes, evictionPolicy, logLevel, adminPasswordHash, directory } = options;
  const tls = options.tls && tlsPort !== undefined ? { ...options.tls, port: tlsPort } : undefined;
  const node = { host, port, maxMemoryBytes, evictionPolicy, logLevel, adminPasswordHash, tls };
  return new Member({ name, entry, logFile: logFilePath(directory, name), node, timings }, events);
}

function stateOf(options: ClusterOptions, plan: ClusterPlan, topology: Topology, tenants: TenantsState): ClusterState {
  const { name, host, masters, replicasPerMaster, maxMemoryBytes, logLevel } = options;
  return {
    version: 1,
    ...{ name, host, masters, replicasPerMaster },
    epoch: topology.epoch,
    members: topology.nodes.map(({ name, id, port, tlsPort, role, masterName }) => {
      // A run without TLS leaves the ports of the one before it.
      const keptTlsPort = plan.kept?.members.find((member) => member.name === name)?.tlsPort;
      return { name, id, port, tlsPort: tlsPort ?? keptTlsPort, role, masterName };
    }),
    tenants: [...tenants.records],
    nextDatabase: tenants.nextDatabase,
    options: { maxMemoryBytes, logLevel },
    controlSocket: plan.controlSocket,
  };
}
