/** The other side of `cluster up --detach`: the launcher's own process, from its first message to its end. */
import { startCluster, type Launcher } from '../cluster/launcher.js';
import type { ClusterOptions } from '../cluster/types.js';
import { ExitCode, RedNodeError } from '../errors.js';
import type { LaunchReport, LaunchRequest } from './background-launcher.js';
import { packError } from './error-transfer.js';
import { runUntilStopped } from './foreground.js';
import { createTheme } from './theme.js';

/** Ends when the cluster has stopped. Its messages go to the launcher's log file. */
export async function runBackgroundLauncher(): Promise<void> {
  const launcher = await start();
  if (launcher === undefined) return;
  await runUntilStopped(launcher, createTheme(process.stdout));
}

async function start(): Promise<Launcher | undefined> {
  const options = await receiveOptions();
  // Whoever asked is gone before it could learn of the result: what it started would run without anybody knowing.
  const giveUp = (): void => {
    process.kill(process.pid, 'SIGTERM');
  };
  process.once('disconnect', giveUp);
  try {
    const launcher = await startCluster(options, (step) => {
      report({ kind: 'step', step });
    });
    process.removeListener('disconnect', giveUp);
    report({ kind: 'ready', status: launcher.status() });
    return launcher;
  } catch (error) {
    process.removeListener('disconnect', giveUp);
    report({ kind: 'failed', error: packError(error) });
    process.exitCode = ExitCode.internal;
    process.disconnect();
    return undefined;
  }
}

function receiveOptions(): Promise<ClusterOptions> {
  if (process.send === undefined) {
    throw new RedNodeError('USAGE', 'this command is started by rednode cluster up --detach', ExitCode.usage, {
      hint: 'rednode cluster up --detach',
    });
  }
  return new Promise((resolve) => {
    process.once('message', (message) => {
      resolve((message as LaunchRequest).options);
    });
    report({ kind: 'waiting' });
  });
}

function report(message: LaunchReport): void {
  if (process.connected) process.send?.(message);
}
