/** TCP ports on loopback that nobody listens on, for servers that cannot be told to choose one. */
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

/** Below the range that the system gives to outgoing connections, which come and go on their own. */
const FIRST_BLOCK_PORT = 20_000;
const LAST_BLOCK_PORT = 30_000;
const TRIES = 50;

/** The first of `count` free ports in a row, for the nodes of a cluster. */
export async function freePortBlock(count: number, host = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const first = FIRST_BLOCK_PORT + Math.floor(Math.random() * (LAST_BLOCK_PORT - FIRST_BLOCK_PORT - count));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const free = await Promise.all(ports.map((port) => isFree(port, host)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`no ${count} free ports in a row on ${host}`);
}

async function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
