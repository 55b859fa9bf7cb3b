/** What the CLI commands share that ask a running cluster's launcher. */
import type { ControlClient } from '../cluster/control-client.js';
import { openCluster } from '../cluster/directory.js';
import { rednodeHome } from '../config/home.js';
import { BaseCommand, globalFlags } from './base-command.js';
import { string } from './oclif.js';

/** Flags of the commands that name a node, so that the cluster cannot be their argument. */
export const clusterFlags = {
  ...globalFlags,
  cluster: string({
    char: 'c',
    summary: 'Name of the cluster; not needed when only one runs.',
    helpGroup: 'server',
    helpValue: 'NAME',
  }),
};

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
