/** What storage refuses, as typed errors. */
import { ExitCode, RedNodeError } from '../errors.js';

/** No block or segment could be had: a limit was reached, or the system gave no more memory. Nothing was changed. */
export class OutOfMemoryError extends RedNodeError {
  constructor(what: string, limitBytes: number, cause?: unknown) {
    super('OUT_OF_MEMORY', `out of memory: no room for ${what}`, ExitCode.internal, {
      hint: 'raise --max-memory, delete keys, or let them expire',
      context: { limit: `${limitBytes} bytes` },
      cause,
    });
    this.name = 'OutOfMemoryError';
  }
}
