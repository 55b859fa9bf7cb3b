/**
 * One read, and nothing before or after it: the topology, which takes longer to read than the answer to come, is left to be told by
 * MOVED.
 */
import type { Reply } from '../resp/reply.js';
import { Connection } from './connection.js';
import type { Address } from './endpoint.js';
import { verdictOf } from './redirection.js';
import type { ClientOptions, CommandWords } from './types.js';

/** Where the key is, and one more in case it is just being moved. */
const NODES_MAX = 3;

/**
 * The reply to a command that changes nothing and has one key, as `tenant` where one is to be entered. Undefined when the answer is not
 * plain (an error, a node that is lost on the way): then a `RoutingClient` may try, which knows what to make of it.
 * @throws RedNodeError as `Connection.connect` does for the endpoint itself
 */
export async function readOnce(
  options: ClientOptions,
  tenant: string | undefined,
  words: CommandWords,
): Promise<Reply | undefined> {
  let connection = await Connection.connect(options.endpoint, options);
  try {
    for (let nodes = 1; nodes <= NODES_MAX; nodes++) {
      const next = await readFrom(connection, tenant, words);
      if (next === undefined || 'type' in next) return next;
      await connection.close();
      connection = await Connection.connect({ ...options.endpoint, ...next }, options);
    }
    return undefined;
  } catch {
    // The endpoint itself was reached: what failed since then is for somebody who knows the other nodes.
    return undefined;
  } finally {
    await connection.close();
  }
}

/** The reply, the node that has it, or undefined. */
async function readFrom(
  connection: Connection,
  tenant: string | undefined,
  words: CommandWords,
): Promise<Reply | Address | undefined> {
  if (tenant !== undefined && (await connection.send(['TENANT', 'USE', tenant])).type === 'error') return undefined;
  const reply = await connection.send(words);
  if (reply.type !== 'error') return reply;
  const verdict = verdictOf(reply, connection.endpoint);
  return verdict.kind === 'moved' ? verdict.address : undefined;
}
