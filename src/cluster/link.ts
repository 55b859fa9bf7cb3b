/** Connects a master with a replica: a pair of connected sockets, one end handed to each process. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { once } from 'node:events';
import { ExitCode, messageOf, RedNodeError } from '../errors.js';
import type { NodeProcess } from './node-process.js';

const LOOPBACK = '127.0.0.1';

/**
 * Two ends of one TCP connection over loopback, both paused: nothing may be read here, since those bytes would be missing in the
 * process that the socket goes to. Throws LINK_FAILED.
 */
export async function connectedPair(timeoutMs: number): Promise<readonly [Socket, Socket]> {
  const server = createServer({ pauseOnConnect: true, noDelay: true });
  const accepted: Socket[] = [];
  server.on('connection', (socket) => accepted.push(socket));
  let near: Socket | undefined;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    server.listen(0, LOOPBACK);
    await once(server, 'listening', { signal });
    near = connect({ host: LOOPBACK, port: (server.address() as AddressInfo).port, noDelay: true });
    near.pause();
    await once(near, 'connect', { signal });
    return [near, await acceptedFrom(server, accepted, near, signal)];
  } catch (error) {
    near?.destroy();
    for (const socket of accepted) socket.destroy();
    throw new RedNodeError('LINK_FAILED', `cannot connect two local sockets: ${messageOf(error)}`, ExitCode.internal, {
      cause: error,
    });
  } finally {
    server.close();
  }
}

/** The accepted end of `near`; any other program may connect to the port meanwhile, and is turned away. */
async function acceptedFrom(server: Server, accepted: Socket[], near: Socket, signal: AbortSignal): Promise<Socket> {
  for (;;) {
    const far = accepted.find((socket) => socket.remotePort === near.localPort);
    if (far !== undefined) {
      for (const stranger of accepted) if (stranger !== far) stranger.destroy();
      return far;
    }
    await once(server, 'connection', { signal });
  }
}

/**
 * Links a replica to its master; both have the link when it resolves. `onAttached` is called when the replica has its end: what it
 * reports from then on is about this link. Throws LINK_FAILED, or what a node answered.
 */
export async function linkNodes(
  master: NodeProcess,
  replica: NodeProcess,
  timeoutMs: number,
  onAttached: () => void,
): Promise<void> {
  const [masterEnd, replicaEnd] = await connectedPair(timeoutMs);
  const answers = await Promise.allSettled([
    master.request({ kind: 'link', side: 'master', peer: replica.name }, timeoutMs, masterEnd),
    replica.request({ kind: 'link', side: 'replica', peer: master.name }, timeoutMs, replicaEnd).then(onAttached),
  ]);
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
}
