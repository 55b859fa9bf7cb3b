/** Protected mode: an open node talks to its own machine only, so that one started for a test is not the network's. */
import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Redis's first words, then the ways out that exist here. */
export const PROTECTED_MODE_REFUSAL =
  '-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. ' +
  'In this mode connections are only accepted from the loopback interface. ' +
  'If you want to connect from external computers you may adopt one of the following solutions: ' +
  "1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting " +
  'from the same host the server is running, however MAKE SURE it is not publicly accessible from internet if you do so. ' +
  "2) If you started the server manually just for testing, restart it with the '--protected-mode no' option. " +
  '3) Set an admin password: REDNODE_ADMIN_PASSWORD in the environment of the server. ' +
  'NOTE: You only need to do one of the above things in order for the server to start accepting connections from the outside.\r\n';

/** Whether a peer's address is of this machine itself; an IPv4 address may come as `::ffff:127.0.0.1`. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
