/** The process behind `cluster up --detach`; not for people. */
import { runBackgroundLauncher } from '../../src/cli/background-process.js';
import { BaseCommand } from '../../src/cli/base-command.js';

export default class ClusterLaunch extends BaseCommand {
  static override summary = 'Launch a cluster that was asked for over IPC.';
  static override hidden = true;

  async run(): Promise<void> {
    await this.parse(ClusterLaunch);
    await runBackgroundLauncher();
  }
}
