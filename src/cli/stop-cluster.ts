/** Stopping clusters from another terminal: which ones are meant, and waiting until they are gone. */
import { rm } from 'node:fs/promises';
import { listClusters, openCluster, purgeCluster, severalClusters } from '../cluster/directory.js';
import type { ClusterEntry } from '../cluster/types.js';
import { rednodeHome } from '../config/home.js';
import { ExitCode, RedNodeError } from '../errors.js';
import { launcherLogFile } from './launcher-log.js';
import { nearest } from './suggestions.js';

export interface DownRequest {
  readonly name: string | undefined;
  readonly all: boolean;
  readonly purge: boolean;
}

/** One cluster after `cluster down`, as `--json` prints it. */
export interface StoppedCluster {
  readonly name: string;
  readonly wasRunning: boolean;
  readonly isPurged: boolean;
  readonly elapsedMs: number;
}

/** The clusters that a `cluster down` is about. Throws NO_CLUSTER, SEVERAL_CLUSTERS or USAGE. */
export async function downTargets(request: DownRequest): Promise<ClusterEntry[]> {
  const clusters = await listClusters(rednodeHome());
  const running = clusters.filter((cluster) => cluster.state === 'running');
  if (request.all) {
    if (request.name === undefined) return request.purge ? clusters : running;
    throw new RedNodeError('USAGE', `--all and ${request.name} exclude each other`, ExitCode.usage, {
      hint: 'give one of them',
    });
  }
  if (request.name !== undefined) return [namedCluster(request.name, clusters)];
  const candidates = running.length === 0 && request.purge ? clusters : running;
  if (candidates.length === 1) return candidates;
  if (candidates.length === 0) {
    throw new RedNodeError('NO_CLUSTER', 'no cluster is running', ExitCode.unreachable, { hint: 'rednode cluster up' });
  }
  throw severalClusters(candidates);
}

function namedCluster(name: string, clusters: readonly ClusterEntry[]): ClusterEntry {
  const found = clusters.find((cluster) => cluster.name === name);
  if (found !== undefined) return found;
  const match = nearest(
    name,
    clusters.map((cluster) => cluster.name),
  );
  throw new RedNodeError('NO_CLUSTER', `there is no cluster ${name}`, ExitCode.unreachable, {
    hint: match === undefined ? 'rednode cluster ls' : `rednode cluster down ${match}`,
  });
}

/** Stops one cluster and waits until its nodes are gone; a stopped one is left as it is, or purged. */
export async function stopCluster(cluster: ClusterEntry, purge: boolean): Promise<StoppedCluster> {
  const startedMs = performance.now();
  const home = rednodeHome();
  const wasRunning = cluster.state === 'running';
  if (wasRunning) {
    const control = await openCluster(home, cluster.name);
    try {
      await control.stop();
    } finally {
      control.close();
    }
  }
  if (purge) {
    await purgeCluster(home, cluster.name);
    await rm(launcherLogFile(home, cluster.name), { force: true });
  }
  return { name: cluster.name, wasRunning, isPurged: purge, elapsedMs: Math.round(performance.now() - startedMs) };
}
