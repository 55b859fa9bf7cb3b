/** From flags to a connected client that acts for the right tenant. */
import { RoutingClient } from '../client/routing-client.js';
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

/** Connects to a target that is already known. */
export async function connectTo(target: Target, onNotice: (message: string) => void): Promise<RoutingClient> {
  const client = await RoutingClient.connect({
    endpoint: target.endpoint,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    commandTimeoutMs: COMMAND_TIMEOUT_MS,
    clientName: 'rednode-cli',
    onNotice,
  });
  if (target.tenantToEnter === undefined) return client;
  try {
    await client.selectTenant(target.tenantToEnter);
    return client;
  } catch (error) {
    await client.close();
    throw error;
  }
}
