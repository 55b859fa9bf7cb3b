/**
 * What the test process and the launcher's process say to each other over IPC; both are of the same installation. The end of
 * the channel is what ends a cluster.
 */
import type { ClusterStatus, NodeActionResult } from '../cluster/types.js';
import type { PackedError } from './errors.js';
import type { ClusterSettings } from './options.js';

export type LauncherRequest =
  | { readonly method: 'start'; readonly settings: ClusterSettings }
  | { readonly method: 'status' }
  | { readonly method: 'kill' | 'restart'; readonly node: string };

/** What each method is answered with. */
export interface LauncherResults {
  readonly start: ClusterStatus;
  readonly status: ClusterStatus;
  readonly kill: NodeActionResult;
  readonly restart: NodeActionResult;
}

export type ToLauncherProcess = LauncherRequest & { readonly id: number };

export type FromLauncherProcess =
  | { readonly id: number; readonly result: LauncherResults[keyof LauncherResults] }
  | { readonly id: number; readonly error: PackedError };

/** The folder that a launcher's process works in, and removes at its end. */
export const FOLDER_VARIABLE = 'REDNODE_HOME';
