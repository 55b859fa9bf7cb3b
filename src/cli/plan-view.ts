/** `cluster up --dry-run`: the nodes that would be started, and where. */
import type { ClusterPlan } from '../cluster/plan.js';
import type { ClusterOptions } from '../cluster/types.js';
import { slotCountOf, textOfRanges } from '../topology/ranges.js';
import type { TopologyNode } from '../topology/topology.js';
import { startHeader } from './cluster-banner.js';
import { renderFields, renderTable } from './tables.js';
import type { Theme } from './theme.js';

/** The plan as `--json` prints it. */
export function planJson(options: ClusterOptions, plan: ClusterPlan): object {
  return {
    name: options.name,
    directory: options.directory,
    firstPort: plan.firstPort,
    lastPort: plan.lastPort,
    ephemeral: options.ephemeral,
    startedBefore: plan.kept !== undefined,
    warnings: plan.warnings,
    nodes: plan.topology.nodes.map((node) => ({
      name: node.name,
      role: node.role,
      ...(node.masterName === undefined ? {} : { masterName: node.masterName }),
      host: node.host,
      port: node.port,
      ...(node.tlsPort === undefined ? {} : { tlsPort: node.tlsPort }),
      slotCount: slotCountOf(node.slots),
      slots: textOfRanges(node.slots),
    })),
  };
}

export async function planText(options: ClusterOptions, plan: ClusterPlan, theme: Theme): Promise<string> {
  const table = await renderTable(
    plan.topology.nodes,
    [
      { title: 'node', value: (node) => node.name },
      { title: 'role', value: (node) => (node.role === 'master' ? 'master' : `replica of ${node.masterName ?? '?'}`) },
      { title: 'address', value: (node) => `${node.host}:${node.port}` },
      ...(options.tls === undefined
        ? []
        : [{ title: 'tls', value: ({ tlsPort }: TopologyNode) => `${tlsPort ?? ''}` }]),
      { title: 'slots', value: (node) => (node.role === 'master' ? `${slotCountOf(node.slots)}` : ''), align: 'right' },
    ],
    theme,
  );
  const fields = renderFields(
    [
      ['folder', options.directory],
      [
        'kept',
        plan.kept === undefined ? 'nothing: it was not started before' : 'ports, members and tenants of its last run',
      ],
    ],
    theme,
  );
  return [
    startHeader(options, theme),
    ...table.split('\n').map((line) => `  ${line}`),
    '',
    fields,
    ...plan.warnings.map((warning) => `  ${theme.degraded('note')}    ${warning}`),
    '',
    `  ${theme.dim('nothing was started (--dry-run)')}`,
  ].join('\n');
}
