/** `rednode cluster status`: every node with its role, health and load; once, or again and again. */
import type { ControlClient } from '../../src/cluster/control-client.js';
import { clusterFlags, ClusterCommand, clusterNamed, withCluster } from '../../src/cli/cluster-command.js';
import { statusText } from '../../src/cli/cluster-status-view.js';
import { boolean, stringArgument } from '../../src/cli/oclif.js';
import { endEchoedLine, jsonText, writeOut } from '../../src/cli/output.js';
import { repeat } from '../../src/cli/repeat.js';
import { ExitCode } from '../../src/errors.js';

const WATCH_INTERVAL_MS = 1000;

export default class ClusterStatusCommand extends ClusterCommand {
  static override summary = 'Show the nodes of a cluster with their role, health and load.';
  static override description = 'The exit code is 0 also when the cluster is degraded: the state is in the output.';
  static override examples = [
    '<%= config.bin %> cluster status',
    '<%= config.bin %> cluster status staging --watch',
    `<%= config.bin %> cluster status --json | jq -r '.nodes[].url'`,
  ];
  static override baseFlags = clusterFlags;
  static override args = {
    name: stringArgument({ ignoreStdin: true, description: 'Not needed when only one cluster runs.' }),
  };
  static override flags = {
    watch: boolean({ char: 'w', summary: 'Redraw every second until Ctrl-C; with --json a line for each.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterStatusCommand);
    await withCluster(clusterNamed(args.name, flags.cluster), async (control) => {
      if (flags.watch) await this.watch(control, flags.json);
      else await this.once(control, flags.json);
    });
  }

  private async once(control: ControlClient, asJson: boolean): Promise<void> {
    const status = await control.status();
    const text = asJson ? '' : await statusText(status, this.theme, Date.now());
    await this.print(asJson, status, () => text);
  }

  private async watch(control: ControlClient, asJson: boolean): Promise<void> {
    const isRedrawn = !asJson && process.stdout.isTTY && process.env.TERM !== 'dumb';
    const logUpdate = isRedrawn ? (await import('log-update')).default : undefined;
    const exitCode = await repeat(WATCH_INTERVAL_MS, async () => {
      const status = await control.status();
      if (asJson) {
        await writeOut(`${jsonText(status, true)}\n`);
        return;
      }
      const text = await statusText(status, this.theme, Date.now());
      if (logUpdate === undefined) await writeOut(`${text}\n\n`);
      else logUpdate(`${text}\n\n${this.theme.dim('every second; Ctrl-C ends')}`);
    });
    logUpdate?.done();
    if (exitCode === ExitCode.interrupted) endEchoedLine();
    process.exitCode = exitCode;
  }
}
