/** What the CLI commands share that ask a running cluster's launcher. */
import type { ControlClient } from '../cluster/control-client.js';
import { openCluster } from '../cluster/directory.js';
import { rednodeHome } from '../config/home.js';
import { ExitCode, RedNodeError } from '../errors.js';
import { BaseCommand, globalFlags } from './base-command.js';
import { string, stringArgument } from './oclif.js';

/** Flags of every command about one cluster. Those that name no node take the cluster as their argument as well. */
export const clusterFlags = {
  ...globalFlags,
  cluster: string({
    char: 'c',
    summary: 'Name of the cluster; not needed when only one runs.',
    helpGroup: 'server',
    helpValue: 'NAME',
  }),
};

/** The argument of every command about one node. */
export const nodeArgument = stringArgument({
  required: true,
  ignoreStdin: true,
  description: 'The node, as in cluster status: n1, n2, ...',
});

/** The cluster that an argument or --cluster names. Throws USAGE when they name two. */
export function clusterNamed(argument: string | undefined, flag: string | undefined): string | undefined {
  if (argument === undefined || flag === undefined || argument === flag) return argument ?? flag;
  throw new RedNodeError('USAGE', `${argument} and --cluster ${flag} name two clusters`, ExitCode.usage, {
    hint: 'give one of them',
  });
}

/** Connects to the launcher of the named cluster, or of the only one that runs; disconnects whatever happens. */
export async function withCluster<T>(
  name: string | undefined,
  use: (control: ControlClient) => Promise<T>,
): Promise<T> {
  const control = await openCluster(rednodeHome(), name);
  try {
    return await use(control);
  } finally {
    control.close();
  }
}

export abstract class ClusterCommand extends BaseCommand {
  static override baseFlags = clusterFlags;
}
