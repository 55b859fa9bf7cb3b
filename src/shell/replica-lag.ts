/** How far replicas are behind their master: asked of the master, which alone knows what each has acknowledged. */
import { readText } from '../client/reply-fields.js';
import type { ClientNode } from '../client/types.js';
import { RedNodeError } from '../errors.js';
import type { ShellClient } from './shell-client.js';

export interface ReplicaLag {
  /** False while the replica still receives its full copy. */
  readonly isInSync: boolean;
  readonly lagBytes: number;
}

/** The replicas connected to a master, by `host:port`. */
type ConnectedReplicas = ReadonlyMap<string, ReplicaLag>;

/** By the name of the master; without those that did not answer. */
export type ReplicaLags = ReadonlyMap<string, ConnectedReplicas>;

/** Lines of `INFO replication`, in Redis too. */
const MASTER_OFFSET = /^master_repl_offset:(\d+)/m;
const REPLICA_LINE = /^slave\d+:ip=([^,]+),port=(\d+),state=(\w+),offset=(\d+)/gm;

/** Asks each master once. The shell goes on without the answer of one that is lost or refuses. */
export async function readReplicaLags(client: ShellClient, masters: readonly ClientNode[]): Promise<ReplicaLags> {
  const lags = new Map<string, ConnectedReplicas>();
  const names = new Set(masters.map((master) => master.name));
  await Promise.all(
    [...names].map(async (name) => {
      const replicas = await askMaster(client, name);
      if (replicas !== undefined) lags.set(name, replicas);
    }),
  );
  return lags;
}

async function askMaster(client: ShellClient, name: string): Promise<ConnectedReplicas | undefined> {
  try {
    const { reply } = await client.executeOn(name, ['INFO', 'replication']);
    return connectedReplicas(readText(reply));
  } catch (error) {
    if (error instanceof RedNodeError) return undefined;
    throw error;
  }
}

function connectedReplicas(text: string): ConnectedReplicas {
  const masterOffset = Number(MASTER_OFFSET.exec(text)?.[1] ?? 0);
  const replicas = new Map<string, ReplicaLag>();
  for (const [, host, port, state, offset] of text.matchAll(REPLICA_LINE)) {
    const lagBytes = Math.max(0, masterOffset - Number(offset));
    replicas.set(`${host}:${port}`, { isInSync: state === 'online', lagBytes });
  }
  return replicas;
}
