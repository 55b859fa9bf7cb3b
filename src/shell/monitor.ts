/** Monitor mode: every command of every node, until somebody ends it. */
import { ExitCode, RedNodeError } from '../errors.js';
import type { Reply } from '../resp/reply.js';
import type { ShellClient } from './shell-client.js';

export interface MonitorOptions {
  /** Called with each line; in a cluster the node's name stands in front. */
  readonly onLine: (line: Reply) => void;
  /** Ends it. */
  readonly until: Promise<unknown>;
}

/** Throws RedNodeError `MONITOR_LOST` when a connection goes first, and what the server refuses with. */
export async function followMonitor(client: ShellClient, { onLine, until }: MonitorOptions): Promise<void> {
  const hasSeveralNodes = client.nodes().length > 1;
  const stream = await client.openMonitor((line, node) => {
    onLine({ type: 'simple', value: hasSeveralNodes ? `${node.name} ${line}` : line });
  });
  try {
    const isLost = await Promise.race([stream.closed.then(() => true), until.then(() => false)]);
    if (!isLost) return;
    throw new RedNodeError(
      'MONITOR_LOST',
      'a monitored node was lost, or closed the connection',
      ExitCode.unreachable,
      {
        hint: 'monitor again: commands run meanwhile are not kept',
      },
    );
  } finally {
    await stream.close();
  }
}
