/** Where RedNode keeps its state: REDNODE_HOME, or the XDG state folder. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ExitCode, RedNodeError } from '../errors.js';

/** A cluster's name is a folder name on every file system, and readable in a prompt. */
const CLUSTER_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/i;

/** `$REDNODE_HOME`, else `$XDG_STATE_HOME/rednode`, else `~/.local/state/rednode`; always absolute. */
export function rednodeHome(env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (env.REDNODE_HOME) return resolve(env.REDNODE_HOME);
  // The XDG specification says to ignore a relative path here.
  const xdg = env.XDG_STATE_HOME;
  const stateFolder = xdg?.startsWith('/') ? xdg : join(homedir(), '.local', 'state');
  return join(stateFolder, 'rednode');
}

/** The folder that holds one folder per cluster. */
export function clustersFolder(home: string): string {
  return join(home, 'clusters');
}

/** The folder of one cluster. Throws BAD_CLUSTER_NAME for a name that could leave the clusters' folder. */
export function clusterDirectory(home: string, name: string): string {
  if (!CLUSTER_NAME.test(name)) {
    throw new RedNodeError('BAD_CLUSTER_NAME', `${JSON.stringify(name)} is not a cluster name`, ExitCode.usage, {
      hint: 'use 1 to 63 letters, digits, dashes and underscores, beginning with a letter or digit',
    });
  }
  return join(clustersFolder(home), name);
}
