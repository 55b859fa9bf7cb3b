/** Names of the files in a cluster's folder. */
import { join } from 'node:path';

export function lockFilePath(directory: string): string {
  return join(directory, 'lock');
}

/** What has changed of the tenants since the state file was written. */
export function tenantJournalPath(directory: string): string {
  return join(directory, 'tenants.journal');
}

/** One log per node, appended to by each of its processes. */
export function logFilePath(directory: string, nodeName: string): string {
  return join(directory, `${nodeName}.log`);
}

/** Whether a file of that name in a cluster's folder is one that a start makes before there is anything to keep. */
export function isStartFile(name: string): boolean {
  return name === 'lock' || name === 'control.sock' || /^n\d+\.log(?:\.old)?$/.test(name);
}
