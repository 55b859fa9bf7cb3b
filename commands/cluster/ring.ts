/** `rednode cluster ring`: the placement drawn, a bar for each master. */
import { clusterFlags, ClusterCommand, clusterNamed, withCluster } from '../../src/cli/cluster-command.js';
import { stringArgument } from '../../src/cli/oclif.js';
import { ringEntries, ringText } from '../../src/cli/ring-view.js';
import { columnsOf } from '../../src/cli/theme.js';

export default class ClusterRing extends ClusterCommand {
  static override summary = 'Draw which master serves how many slots, with its keys and memory.';
  static override examples = ['<%= config.bin %> cluster ring', '<%= config.bin %> cluster ring --json'];
  static override baseFlags = clusterFlags;
  static override args = {
    name: stringArgument({ ignoreStdin: true, description: 'Not needed when only one cluster runs.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterRing);
    const status = await withCluster(clusterNamed(args.name, flags.cluster), (control) => control.status());
    await this.print(flags.json, ringEntries(status), () => ringText(status, this.theme, columnsOf(process.stdout)));
  }
}
