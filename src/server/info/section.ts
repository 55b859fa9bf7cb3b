/** What a section of INFO is made from. */
import type { SessionPort } from '../../command-table/context.js';
import type { Keyspace } from '../../keyspace/keyspace.js';
import type { Instance } from '../instance.js';

export type Fields = Readonly<Record<string, string | number>>;

/** A session that is not the admin's is shown its own tenant's figures and no others. */
export type Section = (instance: Instance, session: SessionPort, keyspace: Keyspace) => Fields;

const UNITS = ['B', 'K', 'M', 'G', 'T', 'P'];
const UNIT_BYTES = 1024;

/** As Redis's bytesToHuman: `1.50M`. */
export function human(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= UNIT_BYTES && unit < UNITS.length - 1) {
    value /= UNIT_BYTES;
    unit++;
  }
  return unit === 0 ? `${value}B` : `${value.toFixed(2)}${UNITS[unit]}`;
}

/** With two decimals; of nothing it is 1. */
export function ratio(part: number, whole: number): string {
  return (whole === 0 ? 1 : part / whole).toFixed(2);
}

export function percent(part: number, whole: number): string {
  return `${whole === 0 ? '0.00' : ((part * 100) / whole).toFixed(2)}%`;
}
