/**
 * What the keys of a request are now, as effects: for a command that failed after it had changed some of them (memory ran out
 * amid an MSET), whose own words would do more on a replica than it did here.
 */
import { keyPositions, type Command } from '../command-table/command.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Request } from '../resp/request.js';

type Words = readonly (string | Uint8Array)[];

export function stateEffects(command: Command, request: Request, keyspace: Keyspace): Words[] {
  return keyPositions(command, request.argc).map((position) => {
    const key = request.bytes(position);
    const ref = keyspace.findForWrite(key, 0, key.length);
    if (ref === 0) return ['DEL', key];
    const deadlineMs = keyspace.deadline(ref);
    const value = keyspace.value(ref);
    return deadlineMs < 0 ? ['SET', key, value] : ['SET', key, value, 'PXAT', String(deadlineMs)];
  });
}
