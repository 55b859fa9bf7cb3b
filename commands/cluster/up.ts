/** `rednode cluster up`: a sharded, replicated cluster on this machine. */
import type { Launcher } from '../../src/cluster/launcher.js';
import type { ClusterOptions, ClusterStatus } from '../../src/cluster/types.js';
import { BaseCommand } from '../../src/cli/base-command.js';
import { readyBanner, startHeader, type AfterStart } from '../../src/cli/cluster-banner.js';
import { clusterNamed } from '../../src/cli/cluster-command.js';
import { clusterOptions, DEFAULT_CLUSTER_NAME, DEFAULT_FIRST_PORT } from '../../src/cli/cluster-options.js';
import { boolean, integer, string, stringArgument } from '../../src/cli/oclif.js';
import { silentProgress, startProgress } from '../../src/cli/progress.js';
import { exitCodeOf } from '../../src/cli/repeat.js';
import { LOG_LEVELS } from '../../src/cli/server-logger.js';
import { tlsIdentityFlags } from '../../src/cli/tls-options.js';
import { createTheme } from '../../src/cli/theme.js';
import { holdTyping } from '../../src/cli/typed-ahead.js';
import { evictionPolicies } from '../../src/config/eviction-policy.js';

export default class ClusterUp extends BaseCommand {
  static override summary = 'Start a cluster, and run it until Ctrl-C.';
  static override description =
    'Ready means: every node answers, every slot has a master, every replica is in sync. A cluster that was started before keeps its ports, members and tenants; data is in memory in this version. With REDNODE_ADMIN_PASSWORD set, clients need that password or the token of a tenant.';
  static override usage = 'cluster up [NAME] [FLAGS]';
  static override examples = [
    '<%= config.bin %> cluster up',
    '<%= config.bin %> cluster up --shell',
    '<%= config.bin %> cluster up staging --masters 5 --replicas 2 --detach',
    '<%= config.bin %> cluster up --dry-run',
  ];
  static override args = {
    name: stringArgument({ ignoreStdin: true, description: `Name of the cluster. Default: ${DEFAULT_CLUSTER_NAME}.` }),
  };
  static override flags = {
    cluster: string({ char: 'c', summary: 'Name of the cluster, in place of NAME.', helpValue: 'NAME' }),
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
    'max-memory-policy': string({
      summary: 'Which keys make room at that limit; noeviction refuses writes.',
      options: [...evictionPolicies],
      default: 'noeviction',
    }),
    ...tlsIdentityFlags,
    'log-level': string({ summary: 'Least level that the nodes log.', options: [...LOG_LEVELS], default: 'info' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterUp);
    const options = clusterOptions(clusterNamed(args.name, flags.cluster) ?? DEFAULT_CLUSTER_NAME, flags);
    if (flags['dry-run']) return this.showPlan(options, flags.json);
    if (!flags.json) this.note(startHeader(options, createTheme(process.stderr)));
    const progress = flags.json ? silentProgress : await startProgress(createTheme(process.stderr));
    const after: AfterStart = flags.detach ? 'background' : flags.shell ? 'shell' : 'foreground';
    const release = flags.shell ? this.holdTyping() : () => undefined;
    const started = <T>(start: () => Promise<T>): Promise<T> =>
      start().finally(() => {
        progress.stop();
        release();
      });
    if (flags.detach) {
      const { launchInBackground } = await import('../../src/cli/background-launcher.js');
      const status = await started(() => launchInBackground(options, progress.onStep));
      await this.announce(status, after, flags);
      if (flags.shell) await this.openShell(status);
      return;
    }
    const { startCluster } = await import('../../src/cluster/launcher.js');
    const launcher = await started(() => startCluster(options, progress.onStep));
    await this.announce(launcher.status(), after, flags);
    if (flags.shell) await this.shellUntilLeft(launcher);
    else await this.runUntilStopped(launcher);
  }

  private async showPlan(options: ClusterOptions, asJson: boolean): Promise<void> {
    const [{ planCluster }, { planJson, planText }] = await Promise.all([
      import('../../src/cluster/launcher.js'),
      import('../../src/cli/plan-view.js'),
    ]);
    const planned = await planCluster(options);
    const plan = (await this.isRunning(options.name))
      ? { ...planned, warnings: [runningAlready(options.name)] }
      : planned;
    const text = asJson ? '' : await planText(options, plan, this.theme);
    await this.print(asJson, planJson(options, plan), () => text);
  }

  private async isRunning(name: string): Promise<boolean> {
    const [{ listClusters }, { rednodeHome }] = await Promise.all([
      import('../../src/cluster/directory.js'),
      import('../../src/config/home.js'),
    ]);
    const clusters = await listClusters(rednodeHome());
    return clusters.some((cluster) => cluster.name === name && cluster.state === 'running');
  }

  /** The shell gets what is typed before it is there. A dumb terminal has no moving line that the echo would disturb. */
  private holdTyping(): () => void {
    if (!process.stdout.isTTY || process.env.TERM === 'dumb') return () => undefined;
    return holdTyping(process.stdin, () => {
      process.kill(process.pid, 'SIGINT');
    });
  }

  /** Of a shell in a pipe, standard output holds what its commands print and nothing else. */
  private async announce(
    status: ClusterStatus,
    after: AfterStart,
    { json, shell }: { readonly json: boolean; readonly shell: boolean },
  ): Promise<void> {
    if (shell && !json && !process.stdout.isTTY) {
      this.note(readyBanner(status, after, createTheme(process.stderr)));
      return;
    }
    await this.print(json, status, () => readyBanner(status, after, this.theme));
  }

  private async runUntilStopped(launcher: Launcher): Promise<void> {
    const { runUntilStopped } = await import('../../src/cli/foreground.js');
    await runUntilStopped(launcher, createTheme(process.stderr));
  }

  /** Leaving the shell stops the cluster that was started for it. */
  private async shellUntilLeft(launcher: Launcher): Promise<void> {
    const { isTerminal } = await import('../../src/cli/open-shell.js');
    if (isTerminal()) launcher.leaveCtrlC();
    try {
      await this.openShell(launcher.status(), launcher.ending);
    } finally {
      await launcher.stop();
    }
    if (launcher.endedBy !== undefined) process.exitCode = exitCodeOf(launcher.endedBy);
  }

  private async openShell(status: ClusterStatus, ending?: AbortSignal): Promise<void> {
    const { openShell } = await import('../../src/cli/open-shell.js');
    const { withIdentity } = await import('../../src/cli/target.js');
    const { host, port } = status.nodes[0];
    const target = withIdentity({ host, port }, status.name, undefined, process.env);
    process.exitCode = await openShell({ target, commands: undefined, yes: false, ending });
  }
}

function runningAlready(name: string): string {
  return `cluster ${name} is running already: rednode cluster up ${name} would be refused`;
}
