/** `rednode cluster restart`: a node's process anew, without losing its slots. */
import { clusterFlags, ClusterCommand, nodeArgument, withCluster } from '../../src/cli/cluster-command.js';
import { nodeActionText } from '../../src/cli/node-action-view.js';

export default class ClusterRestart extends ClusterCommand {
  static override summary = 'Restart a node gracefully: a master hands over to a replica first.';
  static override description = 'Waits until the node is back and in sync.';
  static override examples = ['<%= config.bin %> cluster restart n2'];
  static override baseFlags = clusterFlags;
  static override args = { node: nodeArgument };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterRestart);
    const result = await withCluster(flags.cluster, (control) => control.restart(args.node));
    await this.print(flags.json, result, () => nodeActionText(result, 'restarted', this.theme));
  }
}
