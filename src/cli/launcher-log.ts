/** Where a launcher in the background writes: beside the clusters, since a cluster's folder is the launcher's to make. */
import path from 'node:path';

/** What the launcher of a cluster prints: events, and how it ended when something went wrong. */
export function launcherLogFile(home: string, clusterName: string): string {
  return path.join(home, 'launchers', `${clusterName}.log`);
}
