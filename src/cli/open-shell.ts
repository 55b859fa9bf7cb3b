/** Opens the shell on a target, in this terminal or over what standard input brings. */
import path from 'node:path';
import { rednodeHome } from '../config/home.js';
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
}

/** Returns the shell's exit code when it is left. Throws when the first connection fails. */
export function openShell({ target, commands, yes }: OpenShellOptions): Promise<number> {
  return runShell({
    connect: (onNotice) => connectTo(target, onNotice),
    input: process.stdin,
    output: process.stdout,
    error: process.stderr,
    isTty: process.stdin.isTTY && process.stdout.isTTY,
    colour: createTheme(process.stdout).chalk.level > 0,
    historyFile: path.join(rednodeHome(), 'history'),
    clusterName: target.name,
    tenant: target.tenantToEnter ?? target.endpoint.username ?? DEFAULT_TENANT,
    assumeYes: yes,
    ...(commands === undefined ? {} : { commands }),
  });
}
