/** Opens a TCP or TLS socket within a time limit. */
import { isIP, connect as connectTcp, type Socket } from 'node:net';
import { cannotConnect, connectTimedOut } from './connection-errors.js';
import type { Endpoint } from './types.js';

/** How long a connection is idle before the kernel begins to probe whether the other side is still there. */
const KEEP_ALIVE_DELAY_MS = 15_000;

/** Where a socket reads into instead of a new buffer for each read, and who is told how many bytes came. */
export interface ReadInto {
  readonly buffer: Uint8Array;
  readonly callback: (length: number) => boolean;
}

/**
 * Resolves to a connected socket: no delay (a command is not held back to wait for more), keep-alive on.
 * @throws RedNodeError CANNOT_CONNECT, CONNECT_TIMEOUT
 */
export async function openSocket(endpoint: Endpoint, timeoutMs: number, onread?: ReadInto): Promise<Socket> {
  const { host, port } = endpoint;
  // Loaded only where it is used: TLS costs a short-lived command a tenth of its time.
  const tls = endpoint.tls === true ? await import('node:tls') : undefined;
  const tcp = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS, onread };
  return new Promise((resolve, reject) => {
    const socket = tls === undefined ? connectTcp(tcp) : tls.connect({ ...tcp, ...secureOptions(endpoint) });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(connectTimedOut(endpoint, timeoutMs));
    }, timeoutMs);
    const fail = (cause: Error): void => {
      clearTimeout(timer);
      reject(cannotConnect(endpoint, cause));
    };
    socket.once('error', fail);
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

function secureOptions({ host, tlsOptions = {} }: Endpoint): object {
  const { ca, cert, key, isInsecure } = tlsOptions;
  // An address is no server name, but is checked against those in the certificate all the same.
  return { ca, cert, key, rejectUnauthorized: isInsecure !== true, ...(isIP(host) === 0 ? { servername: host } : {}) };
}
