/** What to say when a node without an admin password listens beyond its own machine. */
import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export interface OpenNode {
  readonly host: string;
  readonly hasPassword: boolean;
  readonly isProtected: boolean;
}

/** Undefined when there is nothing to warn of. */
export function openNodeWarning({ host, hasPassword, isProtected }: OpenNode): string | undefined {
  if (hasPassword || isOwnMachine(host)) return undefined;
  if (isProtected) {
    return `warning: ${host} is reachable by other machines, but there is no admin password: protected mode refuses them
  try      REDNODE_ADMIN_PASSWORD=... rednode server --host ${host}`;
  }
  return `warning: no admin password and no protected mode: whoever reaches ${host} can read and change everything
  try      REDNODE_ADMIN_PASSWORD=... rednode server --host ${host}`;
}

function isOwnMachine(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
