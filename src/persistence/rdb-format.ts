/** The constants of the RDB format (Redis, rdb.h), and the errors of files that do not follow it. */
import { ExitCode, RedNodeError } from '../errors.js';

/** The version written: what Redis 7.0 writes and loads. */
export const RDB_VERSION = 10;
/** Versions from 1 to this one are read; the later ones differ only in value types, which are refused one by one. */
export const NEWEST_READABLE_VERSION = 12;
/** From this version on a checksum follows the end. */
export const FIRST_VERSION_WITH_CHECKSUM = 5;

export const Opcode = {
  idle: 248,
  frequency: 249,
  auxiliary: 250,
  resizeDatabase: 251,
  expireTimeMs: 252,
  expireTimeSeconds: 253,
  selectDatabase: 254,
  end: 255,
} as const;

/** Opcodes below this and above every value type: sections that cannot be skipped without losing data. */
export const FIRST_OPCODE = 243;

/** The encodings of a string whose length byte has both upper bits set. */
export const StringEncoding = { int8: 0, int16: 1, int32: 2, lzf: 3 } as const;

/** Longest string that is read or written: Redis's proto-max-bulk-len. */
export const MAX_STRING_BYTES = 512 * 1024 * 1024;

/** Auxiliary fields that carry the tenants: `rednode-tenant-<database>` = name. */
export const TENANT_FIELD_PREFIX = 'rednode-tenant-';

/** RDB_CORRUPT: the bytes are no RDB stream, or damaged. `offset` counts from the first byte of the stream. */
export function corruptRdb(problem: string, offset: number): RedNodeError {
  return new RedNodeError('RDB_CORRUPT', `RDB data is damaged at byte ${String(offset)}: ${problem}`, ExitCode.io, {
    context: { offset: String(offset) },
  });
}
