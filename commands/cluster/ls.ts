/** `rednode cluster ls`: the clusters that this machine knows. */
import { BaseCommand } from '../../src/cli/base-command.js';
import { plural } from '../../src/cli/formats.js';
import { programName } from '../../src/cli/program-name.js';
import { renderTable } from '../../src/cli/tables.js';
import { listClusters } from '../../src/cluster/directory.js';
import type { ClusterEntry } from '../../src/cluster/types.js';
import { rednodeHome } from '../../src/config/home.js';

export default class ClusterLs extends BaseCommand {
  static override summary = 'List the clusters, running and stopped.';
  static override examples = ['<%= config.bin %> cluster ls', '<%= config.bin %> cluster ls --json'];

  async run(): Promise<void> {
    const { flags } = await this.parse(ClusterLs);
    const clusters = await listClusters(rednodeHome());
    const table = flags.json || clusters.length === 0 ? '' : await this.table(clusters);
    if (!flags.json && clusters.length === 0) this.note(`no clusters yet: ${programName()} cluster up`);
    else await this.print(flags.json, clusters, () => table);
  }

  private table(clusters: readonly ClusterEntry[]): Promise<string> {
    const { theme } = this;
    return renderTable(
      clusters,
      [
        { title: 'cluster', value: (cluster) => cluster.name },
        { title: 'state', value: ({ state }) => (state === 'running' ? theme.good(state) : theme.dim(state)) },
        { title: 'nodes', value: (cluster) => shapeText(cluster) },
        { title: 'ports', value: (cluster) => `${cluster.firstPort}-${cluster.lastPort}` },
        { title: 'launcher', value: ({ launcherPid }) => (launcherPid === undefined ? '' : `pid ${launcherPid}`) },
      ],
      theme,
    );
  }
}

function shapeText({ masters, replicas }: ClusterEntry): string {
  return replicas === 0 ? plural(masters, 'master') : `${plural(masters, 'master')} + ${plural(replicas, 'replica')}`;
}
