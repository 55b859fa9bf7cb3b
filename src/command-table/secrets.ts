/** Which arguments of a request are secrets, as its declaration says: they are shown to nobody. */
import type { Command } from './command.js';
import type { Request } from '../resp/request.js';

/** Words of HELLO AUTH: a user name and a password. */
const HELLO_CREDENTIALS = 2;

/** Whether the argument at `index` (the name being 0) is to be left out of what is shown. */
export function isSecretArgument({ name, secretFrom }: Command, request: Request, index: number): boolean {
  if (secretFrom === undefined || index < secretFrom) return false;
  if (name !== 'HELLO') return true;
  // Of a HELLO only what follows AUTH is secret.
  for (let back = 1; back <= HELLO_CREDENTIALS && index - back >= secretFrom; back++) {
    if (request.is(index - back, 'AUTH')) return true;
  }
  return false;
}
