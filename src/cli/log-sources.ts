/** Where the logs are that `cluster logs` shows. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { listClusters, severalClusters } from '../cluster/directory.js';
import type { ClusterEntry } from '../cluster/types.js';
import { rednodeHome } from '../config/home.js';
import { ExitCode, RedNodeError } from '../errors.js';
import type { LogSource } from './log-view.js';

const LOG_FILE = /^(n\d+)\.log$/;

/** The logs of one node or of all. Throws NO_CLUSTER, SEVERAL_CLUSTERS and NO_NODE. */
export async function logSources(clusterName: string | undefined, node: string | undefined): Promise<LogSource[]> {
  const cluster = chooseCluster(await listClusters(rednodeHome()), clusterName);
  const sources = await sourcesIn(cluster.directory);
  if (node === undefined) return sources;
  const found = sources.filter((source) => source.node === node);
  if (found.length > 0) return found;
  throw new RedNodeError('NO_NODE', `cluster ${cluster.name} has no node ${node}`, ExitCode.unreachable, {
    hint: `one of ${sources.map((source) => source.node).join(', ')}`,
  });
}

/** The named one, else the only one that runs, else the only one there is. */
function chooseCluster(clusters: readonly ClusterEntry[], name: string | undefined): ClusterEntry {
  const running = clusters.filter((cluster) => cluster.state === 'running');
  const candidates =
    name === undefined
      ? running.length > 0
        ? running
        : clusters
      : clusters.filter((cluster) => cluster.name === name);
  if (candidates.length === 1) return candidates[0];
  if (candidates.length === 0) {
    const message = name === undefined ? 'no cluster is running' : `there is no cluster ${name}`;
    throw new RedNodeError('NO_CLUSTER', message, ExitCode.unreachable, { hint: 'rednode cluster ls' });
  }
  throw severalClusters(candidates);
}

async function sourcesIn(directory: string): Promise<LogSource[]> {
  const files = await readdir(directory);
  return files
    .flatMap((file) => {
      const node = LOG_FILE.exec(file)?.[1];
      return node === undefined ? [] : [{ node, file: path.join(directory, file) }];
    })
    .sort((a, b) => Number(a.node.slice(1)) - Number(b.node.slice(1)));
}
