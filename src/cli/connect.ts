/** From flags to a connected client that acts for the right tenant. */
import { readOnce } from '../client/read-once.js';
import type { RoutingClient } from '../client/routing-client.js';
import type { ClientOptions, CommandWords } from '../client/types.js';
import type { Reply } from '../resp/reply.js';
import { findTarget, type Target, type TargetFlags } from './target.js';

const CONNECT_TIMEOUT_MS = 3000;
const COMMAND_TIMEOUT_MS = 10_000;

export interface ConnectedClient {
  readonly client: RoutingClient;
  readonly target: Target;
}

/** Throws what `findTarget` throws, and the client's own errors for a server that cannot be reached or refuses. */
export async function connect(flags: TargetFlags, onNotice: (message: string) => void): Promise<ConnectedClient> {
  const target = await findTarget(flags);
  return { client: await connectTo(target, onNotice), target };
}

/**
 * Sends one command that reads one key, and takes no more connections and replies for it than needed; `ask` is called for the answer
 * when it does not come so. Throws as `connect` does.
 */
export async function readOnceOr<T>(
  flags: TargetFlags,
  words: CommandWords,
  ask: (target: Target) => Promise<T>,
): Promise<Reply | T> {
  const target = await findTarget(flags);
  return (await readOnce(clientOptions(target), target.tenantToEnter, words)) ?? (await ask(target));
}

/** Connects to a target that is already known. */
export async function connectTo(target: Target, onNotice: (message: string) => void): Promise<RoutingClient> {
  // Loaded only here: a command that reads one key does without.
  const { RoutingClient } = await import('../client/routing-client.js');
  const client = await RoutingClient.connect({ ...clientOptions(target), onNotice });
  if (target.tenantToEnter === undefined) return client;
  try {
    await client.selectTenant(target.tenantToEnter);
    return client;
  } catch (error) {
    await client.close();
    throw error;
  }
}

function clientOptions({ endpoint }: Target): ClientOptions {
  return {
    endpoint,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    commandTimeoutMs: COMMAND_TIMEOUT_MS,
    clientName: 'rednode-cli',
  };
}
