/** Asks a node for the topology: CLUSTER SHARDS, else CLUSTER SLOTS, else it is a server without cluster mode. */
import { ExitCode, RedNodeError } from '../errors.js';
import type { Reply } from '../resp/reply.js';
import { readText } from './reply-fields.js';
import { nodesOfShards, nodesOfSlots, type Contact } from './topology-reply.js';
import { oneNodeView, TopologyView, undescribedNode } from './topology-view.js';
import type { CommandWords } from './types.js';

/** What reading needs of a connection. */
interface Asker {
  readonly endpoint: Contact;
  send(words: CommandWords, options?: { readonly timeoutMs?: number | undefined }): Promise<Reply>;
}

/** @throws RedNodeError TOPOLOGY_REFUSED with the server's text; UNEXPECTED_REPLY; what `Connection.send` throws. */
export async function readTopology(connection: Asker, timeoutMs?: number): Promise<TopologyView> {
  const { endpoint } = connection;
  const shards = await connection.send(['CLUSTER', 'SHARDS'], { timeoutMs });
  if (shards.type !== 'error') return clusterView(nodesOfShards(shards, endpoint), endpoint);
  if (saysNoCluster(shards.value)) return oneNodeView(endpoint);
  const slots = await connection.send(['CLUSTER', 'SLOTS'], { timeoutMs });
  if (slots.type !== 'error') return clusterView(nodesOfSlots(slots, endpoint), endpoint);
  if (saysNoCluster(slots.value) || (await infoSaysNoCluster(connection, timeoutMs))) return oneNodeView(endpoint);
  throw new RedNodeError('TOPOLOGY_REFUSED', slots.value, ExitCode.serverError, {
    hint: 'the client reads CLUSTER SHARDS or CLUSTER SLOTS: this user must be allowed to run one of them',
  });
}

/** A node that knows of no other (its cluster is not put together yet) still is one. */
function clusterView(nodes: ReturnType<typeof nodesOfShards>, contact: Contact): TopologyView {
  return new TopologyView(nodes.length === 0 ? [undescribedNode(contact)] : nodes, true);
}

function saysNoCluster(text: string): boolean {
  return /cluster support disabled|^ERR unknown command/i.test(text);
}

async function infoSaysNoCluster(connection: Asker, timeoutMs: number | undefined): Promise<boolean> {
  const info = await connection.send(['INFO', 'cluster'], { timeoutMs });
  return info.type !== 'error' && readText(info).includes('cluster_enabled:0');
}
