/** Which keys of a write it can make or change: of BITOP and COPY the destination, of the others all. */
import { keyPositions, type Command } from '../command-table/command.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Request } from '../resp/request.js';

/** By command: the only written key's position among the keys, or ALL. */
const destinations = new Map<Command, number>();
const ALL = -1;

/** Positions in a request of `argc` words, the name being 0. */
export function writtenKeys(command: Command, argc: number): readonly number[] {
  const positions = keyPositions(command, argc);
  let destination = destinations.get(command);
  if (destination === undefined) destinations.set(command, (destination = destinationOf(command)));
  return destination === ALL ? positions : positions.slice(destination, destination + 1);
}

/** Grammars call it `destkey` or `destination`. */
function destinationOf(command: Command): number {
  const keys = command.arguments.filter((argument) => argument.kind === 'key');
  return keys.findIndex((argument) => argument.name.startsWith('dest'));
}

/** Ref of a request's key, 0 when there is none. */
export function keyOfRequest(keyspace: Keyspace, request: Request, position: number): number {
  return keyspace.findForWrite(request.buffer, request.offsets[position], request.lengths[position]);
}
