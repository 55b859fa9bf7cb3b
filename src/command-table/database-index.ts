/** The database number that a client names (SELECT, COPY DB): 0 is its tenant's keyspace, and there is no other. */
import { parseInt64 } from '../resp/integer.js';
import type { Request } from '../resp/request.js';
import { NOT_AN_INTEGER } from './replies.js';

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;
const OUT_OF_INT32 = `ERR value is out of range, value must between ${INT32_MIN} and ${INT32_MAX}`;

/** The error to answer with when argument `index` is anything but 0. @param otherDatabase The one for a number that is not 0. */
export function databaseRefusal(request: Request, index: number, otherDatabase: string): string | undefined {
  const database = parseInt64(request.buffer, request.offsets[index], request.lengths[index]);
  if (database === undefined) return NOT_AN_INTEGER;
  if (database < INT32_MIN || database > INT32_MAX) return OUT_OF_INT32;
  return database === 0 ? undefined : otherDatabase;
}

/** The error for a number other than 0; a cluster has its own, by what was tried. */
export function otherDatabaseError(isCluster: boolean, inCluster: string): string {
  return isCluster ? inCluster : 'ERR DB index is out of range';
}
