/** Opens the shell on a target, in this terminal or over what standard input brings. */
import path from 'node:path';
import { rednodeHome } from '../config/home.js';
import type { BatchFormat } from '../shell/batch.js';
import { runShell } from '../shell/shell.js';
import { connectTo } from './connect.js';
import type { Target } from './target.js';
import { createTheme } from './theme.js';

const DEFAULT_TENANT = 'default';

export interface OpenShellOptions {
  readonly target: Target;
  /** Run in place of the input. */
  readonly commands: readonly string[] | undefined;
  /** Destructive commands are not asked about. */
  readonly yes: boolean;
  /** Aborted when this process stops the cluster: the shell ends then. */
  readonly ending?: AbortSignal | undefined;
  /** How replies and errors are printed where there is no prompt; bare values and texts without it. */
  readonly batchFormat?: BatchFormat | undefined;
}

/** Whether a shell in this process is one that a person types into. */
export function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/** Returns the shell's exit code when it is left. Throws when the first connection fails. */
export function openShell({ target, commands, yes, ending, batchFormat }: OpenShellOptions): Promise<number> {
  return runShell({
    connect: (onNotice) => connectTo(target, onNotice),
    input: process.stdin,
    output: process.stdout,
    error: process.stderr,
    isTty: isTerminal(),
    colour: createTheme(process.stdout).chalk.level > 0,
    historyFile: path.join(rednodeHome(), 'history'),
    clusterName: target.name,
    tenant: target.tenantToEnter ?? target.endpoint.username ?? DEFAULT_TENANT,
    assumeYes: yes,
    ending,
    batchFormat,
    ...(commands === undefined ? {} : { commands }),
  });
}
