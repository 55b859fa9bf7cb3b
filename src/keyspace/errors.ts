/** What a keyspace refuses, as typed errors. */
import { ExitCode, RedNodeError } from '../errors.js';
import { MAX_KEY_BYTES } from '../storage/entry.js';

export { OutOfMemoryError } from '../storage/errors.js';

/** A key longer than an entry's header can say. */
export class KeyTooLongError extends RedNodeError {
  constructor(lengthBytes: number) {
    super('KEY_TOO_LONG', `key is longer than ${MAX_KEY_BYTES} bytes`, ExitCode.serverError, {
      hint: 'use a shorter key',
      context: { length: `${lengthBytes} bytes` },
    });
    this.name = 'KeyTooLongError';
  }
}

/** A tenant may not hold that much. */
export class KeyspaceFullError extends RedNodeError {
  constructor(message: string) {
    super('KEYSPACE_FULL', message, ExitCode.serverError, { hint: 'delete keys, or have the limit raised' });
    this.name = 'KeyspaceFullError';
  }
}

/** A second snapshot was begun while one runs. */
export class SnapshotRunningError extends RedNodeError {
  constructor() {
    super('SNAPSHOT_RUNNING', 'a snapshot is already running', ExitCode.serverError, {
      hint: 'wait until it is done, or abort it',
    });
    this.name = 'SnapshotRunningError';
  }
}
