/** `rednode cluster down`: stops clusters, and forgets them where asked. */
import { clusterFlags, ClusterCommand, clusterNamed } from '../../src/cli/cluster-command.js';
import { confirm } from '../../src/cli/confirm.js';
import { downTargets, stopCluster, type StoppedCluster } from '../../src/cli/stop-cluster.js';
import { formatDuration } from '../../src/cli/formats.js';
import { boolean, stringArgument } from '../../src/cli/oclif.js';

export default class ClusterDown extends ClusterCommand {
  static override summary = 'Stop a cluster.';
  static override description =
    'Data is in memory in this version, so a stop loses it. Ports, members and tenants are kept for the next start, unless --purge removes them too.';
  static override examples = [
    '<%= config.bin %> cluster down',
    '<%= config.bin %> cluster down staging --purge --yes',
    '<%= config.bin %> cluster down --all',
  ];
  static override baseFlags = clusterFlags;
  static override args = {
    name: stringArgument({ ignoreStdin: true, description: 'Not needed when only one cluster runs.' }),
  };
  static override flags = {
    all: boolean({ summary: 'Stop every running cluster.' }),
    purge: boolean({ summary: 'Remove what is kept of it as well: identity, ports, tenants, logs.' }),
    yes: boolean({ char: 'y', summary: 'Do not ask before --purge; needed where there is no terminal.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterDown);
    const targets = await downTargets({
      name: clusterNamed(args.name, flags.cluster),
      all: flags.all,
      purge: flags.purge,
    });
    if (flags.purge && targets.length > 0) {
      const names = targets.map((target) => target.name);
      await confirm({
        what: `purging ${names.join(', ')} removes everything that is kept of it`,
        word: names.length === 1 ? names[0] : 'all',
        commandWithYes: ['rednode cluster down', ...(flags.all ? ['--all'] : names), '--purge --yes'].join(' '),
        isGiven: flags.yes,
      });
    }
    const stopped: StoppedCluster[] = [];
    for (const target of targets) stopped.push(await stopCluster(target, flags.purge));
    await this.print(
      flags.json,
      stopped,
      () => stopped.map((cluster) => this.line(cluster)).join('\n') || 'no cluster runs',
    );
  }

  private line({ name, wasRunning, isPurged, elapsedMs }: StoppedCluster): string {
    const parts = [
      wasRunning ? `stopped in ${formatDuration(elapsedMs)}` : 'was not running',
      ...(isPurged ? ['purged'] : []),
    ];
    return `${name} ${parts.join(', ')}`;
  }
}
