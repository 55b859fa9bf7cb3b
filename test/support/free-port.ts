/** A TCP port on loopback that nobody listens on, for servers that cannot be told to choose one. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Another process may take the port before it is used: start the server at once, and try again with another port if that fails. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error(`no TCP address on ${host}`);
  return address.port;
}
