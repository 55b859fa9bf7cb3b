/** How a connection introduces itself: HELLO 3 with credentials and name in one go, or RESP2's AUTH and CLIENT SETNAME. */
import type { Reply } from '../resp/reply.js';
import { authenticationFailed } from './connection-errors.js';
import type { CommandWords, Endpoint } from './types.js';

/** The user that Redis authenticates when only a password is given. */
export const DEFAULT_USERNAME = 'default';

/** What the handshake needs of a connection. */
interface Greeter {
  readonly endpoint: Endpoint;
  send(words: CommandWords, options: { readonly timeoutMs: number }): Promise<Reply>;
}

/**
 * Resolves to the protocol version that was agreed on. A tenant without a token is entered with TENANT USE, which a node
 * without an admin password allows.
 * @throws RedNodeError AUTH_FAILED with the server's text
 */
export async function shakeHands(
  connection: Greeter,
  clientName: string | undefined,
  timeoutMs: number,
): Promise<2 | 3> {
  const { endpoint } = connection;
  const hello = await connection.send(helloWords(endpoint, clientName), { timeoutMs });
  const protocol = hello.type === 'error' && lacksHello(hello.value) ? 2 : 3;
  if (protocol === 3) accepted(endpoint, hello);
  else await introduceInResp2(connection, clientName, timeoutMs);
  const tenant = tenantWithoutToken(endpoint);
  if (tenant !== undefined) accepted(endpoint, await connection.send(['TENANT', 'USE', tenant], { timeoutMs }));
  return protocol;
}

function helloWords({ username, password }: Endpoint, clientName: string | undefined): string[] {
  const words = ['HELLO', '3'];
  if (password !== undefined) words.push('AUTH', username ?? DEFAULT_USERNAME, password);
  if (clientName !== undefined) words.push('SETNAME', clientName);
  return words;
}

/** Servers before Redis 6, and those that speak RESP2 alone. */
function lacksHello(text: string): boolean {
  return /^NOPROTO\b|^ERR unknown command/i.test(text);
}

async function introduceInResp2(connection: Greeter, clientName: string | undefined, timeoutMs: number): Promise<void> {
  const { endpoint } = connection;
  const { username, password } = endpoint;
  if (password !== undefined) {
    const words = username === undefined ? ['AUTH', password] : ['AUTH', username, password];
    accepted(endpoint, await connection.send(words, { timeoutMs }));
  }
  // The name is for CLIENT LIST only: a server that has no such command is still of use.
  if (clientName !== undefined) await connection.send(['CLIENT', 'SETNAME', clientName], { timeoutMs });
}

function tenantWithoutToken({ username, password }: Endpoint): string | undefined {
  return password === undefined && username !== DEFAULT_USERNAME ? username : undefined;
}

function accepted(endpoint: Endpoint, reply: Reply): void {
  if (reply.type === 'error') throw authenticationFailed(endpoint, reply.value);
}
