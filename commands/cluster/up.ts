/** `rednode cluster up`: a sharded, replicated cluster on this machine. */
import type { Launcher } from '../../src/cluster/launcher.js';
import type { ClusterOptions, ClusterStatus } from '../../src/cluster/types.js';
import { BaseCommand } from '../../src/cli/base-command.js';
import { readyBanner, startHeader, type AfterStart } from '../../src/cli/cluster-banner.js';
import { clusterOptions, DEFAULT_CLUSTER_NAME, DEFAULT_FIRST_PORT } from '../../src/cli/cluster-options.js';
import { boolean, integer, string, stringArgument } from '../../src/cli/oclif.js';
import { silentProgress, startProgress, type Progress } from '../../src/cli/progress.js';
import { createTheme } from '../../src/cli/theme.js';
import { LOG_LEVELS } from '../../src/cli/server-logger.js';

export default class ClusterUp extends BaseCommand {
  static override summary = 'Start a cluster, and run it until Ctrl-C.';
  static override description =
    'Ready means: every node answers, every slot has a master, every replica is in sync. A cluster that was started before keeps its ports, members and tenants; data is in memory in this version.';
  static override usage = 'cluster up [NAME] [FLAGS]';
  static override examples = [
    '<%= config.bin %> cluster up',
    '<%= config.bin %> cluster up --shell',
    '<%= config.bin %> cluster up staging --masters 5 --replicas 2 --detach',
    '<%= config.bin %> cluster up --dry-run',
  ];
  static override args = {
    name: stringArgument({ ignoreStdin: true, default: DEFAULT_CLUSTER_NAME, description: 'Name of the cluster.' }),
  };
  static override flags = {
    masters: integer({ summary: 'Masters, which share the slots.', default: 3, min: 1, max: 100 }),
    replicas: integer({ summary: 'Replicas of each master.', default: 1, min: 0, max: 5 }),
    port: integer({
      summary: `First port of the block. Default: ${DEFAULT_FIRST_PORT}, or the next free block.`,
      min: 1,
      max: 65_535,
    }),
    dir: string({ summary: "The cluster's folder. Default: in REDNODE_HOME.", helpValue: 'FOLDER' }),
    ephemeral: boolean({ summary: 'Keep nothing when it stops.' }),
    detach: boolean({ char: 'd', summary: 'Return once it is ready; it runs in the background.' }),
    shell: boolean({ summary: 'Open a shell on it in this terminal.' }),
    timeout: string({
      summary: 'Give up when it is not ready after this time, in seconds.',
      default: '30',
      helpValue: 'TIME',
    }),
    'dry-run': boolean({ summary: 'Show what would be started, and start nothing.' }),
    'max-memory': string({ summary: 'Limit for keys and values of each node: 64mb, 2gb.', helpValue: 'SIZE' }),
    'log-level': string({ summary: 'Least level that the nodes log.', options: [...LOG_LEVELS], default: 'info' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterUp);
    const options = clusterOptions(args.name, flags);
    if (flags['dry-run']) return this.showPlan(options, flags.json);
    if (!flags.json) this.note(startHeader(options, createTheme(process.stderr)));
    const progress = flags.json ? silentProgress : await startProgress(createTheme(process.stderr));
    const after: AfterStart = flags.detach ? 'background' : flags.shell ? 'shell' : 'foreground';
    if (flags.detach) {
      const { launchInBackground } = await import('../../src/cli/background-launcher.js');
      const status = await this.started(progress, () => launchInBackground(options, progress.onStep));
      await this.announce(status, after, flags.json);
      if (flags.shell) await this.openShell(status);
      return;
    }
    const { startCluster } = await import('../../src/cluster/launcher.js');
    const launcher = await this.started(progress, () => startCluster(options, progress.onStep));
    await this.announce(launcher.status(), after, flags.json);
    if (flags.shell) await this.shellUntilLeft(launcher);
    else await this.runUntilStopped(launcher);
  }

  private async showPlan(options: ClusterOptions, asJson: boolean): Promise<void> {
    const [{ planCluster }, { planJson, planText }] = await Promise.all([
      import('../../src/cluster/launcher.js'),
      import('../../src/cli/plan-view.js'),
    ]);
    const plan = await planCluster(options);
    const text = asJson ? '' : await planText(options, plan, this.theme);
    await this.print(asJson, planJson(options, plan), () => text);
  }

  private async started<T>(progress: Progress, start: () => Promise<T>): Promise<T> {
    try {
      return await start();
    } finally {
      progress.stop();
    }
  }

  private announce(status: ClusterStatus, after: AfterStart, asJson: boolean): Promise<void> {
    return this.print(asJson, status, () => readyBanner(status, after, this.theme));
  }

  private async runUntilStopped(launcher: Launcher): Promise<void> {
    const { runUntilStopped } = await import('../../src/cli/foreground.js');
    await runUntilStopped(launcher, createTheme(process.stderr));
  }

  /** Leaving the shell stops the cluster that was started for it. */
  private async shellUntilLeft(launcher: Launcher): Promise<void> {
    try {
      await this.openShell(launcher.status());
    } finally {
      await launcher.stop();
    }
  }

  private async openShell(status: ClusterStatus): Promise<void> {
    const { openShell } = await import('../../src/cli/open-shell.js');
    const { withIdentity } = await import('../../src/cli/target.js');
    const { host, port } = status.nodes[0];
    const target = withIdentity({ host, port }, status.name, undefined, process.env);
    process.exitCode = await openShell({ target, commands: undefined, yes: false });
  }
}
