/** The clusters of this machine: which there are, which run, and how to reach one. */
import { lstat, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { clusterDirectory, clustersFolder } from '../config/home.js';
import { ExitCode, RedNodeError, systemCodeOf } from '../errors.js';
import { ControlClient, isListening } from './control-client.js';
import { readLockOwner } from './lock.js';
import { lockFilePath } from './cluster-files.js';
import { fileError, makePrivateFolder, OTHER_FOLDER_HINT } from './private-files.js';
import { readState } from './state-file.js';
import type { ClusterState } from './state-file.js';
import type { ClusterEntry } from './types.js';

/** All clusters, by name. One whose state file is damaged is an error (BAD_STATE_FILE): it must not look as if it did not exist. */
export async function listClusters(home: string): Promise<ClusterEntry[]> {
  const names = await clusterNames(home);
  const entries = await Promise.all(names.map((name) => findCluster(home, name)));
  return entries.filter((entry) => entry !== undefined);
}

/**
 * Connects to the launcher of the named cluster, or of the only one that runs.
 * Throws NO_CLUSTER (exit code 3) or SEVERAL_CLUSTERS (exit code 2).
 */
export async function openCluster(home: string, name?: string): Promise<ControlClient> {
  const entry = name === undefined ? await onlyRunning(home) : await runningCluster(home, name);
  const state = await readState(entry.directory);
  if (state === undefined) throw notRunning(entry.name);
  return ControlClient.connect(entry.name, state.controlSocket);
}

/** Removes what is kept of a stopped cluster. Throws NO_CLUSTER, or CLUSTER_RUNNING (exit code 4). */
export async function purgeCluster(home: string, name: string): Promise<void> {
  const entry = await findCluster(home, name);
  if (entry === undefined) throw noSuchCluster(name);
  if (entry.state === 'running') {
    throw new RedNodeError('CLUSTER_RUNNING', `cluster ${name} is running`, ExitCode.inUse, {
      hint: `rednode cluster down ${name} --purge`,
    });
  }
  const place = clusterDirectory(home, name);
  try {
    await rm(resolve(entry.directory), { recursive: true, force: true });
    await rm(place, { recursive: true, force: true });
  } catch (error) {
    throw fileError(`cannot remove ${entry.directory}`, error);
  }
}

/** Makes a cluster whose folder lies elsewhere (`--dir`) known by its name: a symbolic link among the others. */
export async function registerCluster(home: string, name: string, directory: string): Promise<void> {
  const place = clusterDirectory(home, name);
  const target = resolve(directory);
  if (target === place) return;
  makePrivateFolder(clustersFolder(home));
  try {
    if ((await linkTarget(place)) === target) return;
    await symlink(target, place);
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw fileError(`cannot make ${place}`, error);
    throw new RedNodeError('CLUSTER_EXISTS', `there is another cluster ${name} in ${place}`, ExitCode.inUse, {
      hint: `choose another name, or remove that one: rednode cluster down ${name} --purge`,
    });
  }
}

/** Undoes `registerCluster` for a cluster of which nothing is to be kept. */
export async function unregisterCluster(home: string, name: string): Promise<void> {
  const place = clusterDirectory(home, name);
  if ((await linkTarget(place)) !== undefined) await rm(place, { force: true });
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : undefined;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw fileError(`cannot read ${path}`, error, OTHER_FOLDER_HINT);
  }
}

async function clusterNames(home: string): Promise<string[]> {
  try {
    return (await readdir(clustersFolder(home))).sort();
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw fileError(`cannot read the folder ${clustersFolder(home)}`, error, OTHER_FOLDER_HINT);
  }
}

/** Undefined for a folder without a state file: what a start leaves that was killed at once. */
async function findCluster(home: string, name: string): Promise<ClusterEntry | undefined> {
  const place = clusterDirectory(home, name);
  const directory = (await linkTarget(place)) ?? place;
  const state = await readState(directory);
  return state && entryOf(directory, name, state);
}

async function entryOf(directory: string, name: string, state: ClusterState): Promise<ClusterEntry> {
  const isRunning = await isListening(state.controlSocket);
  const launcherPid = isRunning ? await readLockOwner(lockFilePath(directory)) : undefined;
  const ports = state.members.map((member) => member.port);
  return {
    name,
    state: isRunning ? 'running' : 'stopped',
    directory,
    launcherPid,
    masters: state.masters,
    replicas: state.masters * state.replicasPerMaster,
    firstPort: Math.min(...ports),
    lastPort: Math.max(...ports),
  };
}

async function runningCluster(home: string, name: string): Promise<ClusterEntry> {
  const entry = await findCluster(home, name);
  if (entry === undefined) throw noSuchCluster(name);
  if (entry.state !== 'running') throw notRunning(name);
  return entry;
}

async function onlyRunning(home: string): Promise<ClusterEntry> {
  const running = (await listClusters(home)).filter((entry) => entry.state === 'running');
  if (running.length === 1) return running[0];
  if (running.length === 0) {
    throw new RedNodeError('NO_CLUSTER', 'no cluster is running', ExitCode.unreachable, { hint: 'rednode cluster up' });
  }
  throw severalClusters(running);
}

/** Which of these is meant? The hint is the flag that names the first; the command line completes it to what can be typed. */
export function severalClusters(entries: readonly ClusterEntry[]): RedNodeError {
  const names = entries.map((entry) => entry.name);
  const are = entries.every((entry) => entry.state === 'running') ? 'are running' : 'are kept, and none is named';
  return new RedNodeError('SEVERAL_CLUSTERS', `several clusters ${are}: ${names.join(', ')}`, ExitCode.usage, {
    hint: `--cluster ${names[0]}`,
  });
}

function noSuchCluster(name: string): RedNodeError {
  return new RedNodeError('NO_CLUSTER', `there is no cluster ${name}`, ExitCode.unreachable, {
    hint: `rednode cluster up ${name}`,
  });
}

function notRunning(name: string): RedNodeError {
  return new RedNodeError('NO_CLUSTER', `cluster ${name} is not running`, ExitCode.unreachable, {
    hint: `rednode cluster up ${name}`,
  });
}
