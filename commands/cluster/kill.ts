/** `rednode cluster kill`: a failure on purpose, and what follows from it. */
import { clusterFlags, ClusterCommand, nodeArgument, withCluster } from '../../src/cli/cluster-command.js';
import { nodeActionText } from '../../src/cli/node-action-view.js';

export default class ClusterKill extends ClusterCommand {
  static override summary = 'Kill the process of a node, as a crash would, and show what the cluster does.';
  static override description =
    'The node is killed with SIGKILL. If it was a master, an in-sync replica takes over; the node comes back as a replica.';
  static override examples = ['<%= config.bin %> cluster kill n2'];
  static override baseFlags = clusterFlags;
  static override args = { node: nodeArgument };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterKill);
    const result = await withCluster(flags.cluster, (control) => control.kill(args.node));
    await this.print(flags.json, result, () => nodeActionText(result, 'killed', this.theme));
  }
}
