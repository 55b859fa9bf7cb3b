/** Which connections are let in, and what the others are told before they are closed. */
import type { Socket } from 'node:net';
import type { Instance } from './instance.js';
import { isLoopback, PROTECTED_MODE_REFUSAL } from './protected-mode.js';

const TOO_MANY_CLIENTS = '-ERR max number of clients reached\r\n';
/** A refused client that does not close its end is cut off after this. */
const LINGER_MS = 1000;

/**
 * Undefined when a new connection may stay, else the error line to send it.
 * @param pending Connections that are amid their TLS handshake.
 */
export function refusalOf(instance: Instance, socket: Socket, pending: number): string | undefined {
  const { sessions, config, registry } = instance;
  if (sessions.size + pending >= config.maxClients) return TOO_MANY_CLIENTS;
  if (config.isProtected && registry.isOpen && !isLoopback(socket.remoteAddress)) return PROTECTED_MODE_REFUSAL;
  return undefined;
}

/** Tells the client why, and closes the connection once that has left. */
export function refuse(socket: Socket, text: string): void {
  const deadline = setTimeout(() => {
    socket.destroy();
  }, LINGER_MS);
  deadline.unref();
  socket.once('close', () => {
    clearTimeout(deadline);
  });
  socket.resume();
  socket.end(text);
}
