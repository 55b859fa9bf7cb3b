/** MONITOR on every node of a cluster, each on a connection of its own. */
import { ExitCode, RedNodeError } from '../errors.js';
import type { Connection } from './connection.js';
import type { ClientNode } from './types.js';

export interface MonitorStream {
  /** Resolves when one of its connections is gone. */
  readonly closed: Promise<unknown>;
  close(): Promise<void>;
}

/** A command as it was run: `1339518083.107412 [0 127.0.0.1:60866] "keys" "*"`. */
export type MonitorListener = (line: string, node: ClientNode) => void;

/** Throws SERVER_ERROR when a node refuses; then no connection is left. */
export async function openMonitors(
  nodes: readonly ClientNode[],
  open: (node: ClientNode) => Promise<Connection>,
  onLine: MonitorListener,
): Promise<MonitorStream> {
  const connections: Connection[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(connections.map((connection) => connection.close()));
  };
  try {
    for (const node of nodes) {
      const connection = await open(node);
      connections.push(connection);
      connection.onUnasked((reply) => {
        if (reply.type === 'simple') onLine(reply.value, node);
      });
      const reply = await connection.send(['MONITOR']);
      if (reply.type === 'error') throw new RedNodeError('SERVER_ERROR', reply.value, ExitCode.serverError);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { closed: Promise.race(connections.map((connection) => connection.closed)), close };
}
