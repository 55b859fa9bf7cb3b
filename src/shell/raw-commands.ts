/** Which commands answer with a text that has lines of its own. */

/** Full names; the text is shown as it is, as redis-cli does. */
export const RAW_COMMANDS: ReadonlySet<string> = new Set([
  'INFO',
  'LOLWUT',
  'CLUSTER NODES',
  'CLUSTER INFO',
  'CLIENT LIST',
  'CLIENT INFO',
  'TENANT INFO',
  'LATENCY DOCTOR',
  'MEMORY DOCTOR',
]);
