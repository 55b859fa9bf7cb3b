/** The line of CLIENT LIST and CLIENT INFO: Redis's fields in Redis's order, then RedNode's own. */

export interface ClientState {
  readonly id: number;
  readonly address: string;
  readonly localAddress: string;
  readonly name: string;
  readonly ageMs: number;
  readonly idleMs: number;
  readonly channels: number;
  readonly patterns: number;
  /** Commands queued since MULTI; -1 outside of a transaction. */
  readonly queuedCommands: number;
  readonly queuedBytes: number;
  /** Received and not run yet. */
  readonly inputBytes: number;
  /** Written and not sent yet. */
  readonly outputBytes: number;
  readonly totalBytes: number;
  readonly lastCommand: string;
  readonly user: string;
  readonly tenant: string;
  readonly protocol: 2 | 3;
  readonly libraryName: string;
  readonly libraryVersion: string;
  readonly monitors: boolean;
  readonly isBlocked: boolean;
  /** A watched key has changed: EXEC will fail. */
  readonly isTouched: boolean;
  readonly isClosing: boolean;
  readonly readsFromReplica: boolean;
  readonly isEvictable: boolean;
  readonly leavesNoTrace: boolean;
}

const NO_USER = '(none)';

export function clientLine(client: ClientState): string {
  const fields: readonly (readonly [string, string | number])[] = [
    ['id', client.id],
    ['addr', client.address],
    ['laddr', client.localAddress],
    ['fd', 0],
    ['name', client.name],
    ['age', Math.floor(client.ageMs / 1000)],
    ['idle', Math.floor(client.idleMs / 1000)],
    ['flags', flagsOf(client)],
    ['db', 0],
    ['sub', client.channels],
    ['psub', client.patterns],
    ['ssub', 0],
    ['multi', client.queuedCommands],
    ['qbuf', client.inputBytes],
    ['multi-mem', client.queuedBytes],
    ['obl', client.outputBytes],
    ['omem', client.outputBytes],
    ['tot-mem', client.totalBytes],
    ['events', 'r'],
    ['cmd', client.lastCommand === '' ? 'NULL' : client.lastCommand],
    ['user', client.user === '' ? NO_USER : client.user],
    ['redir', -1],
    ['resp', client.protocol],
    ['lib-name', client.libraryName],
    ['lib-ver', client.libraryVersion],
    ['tenant', client.tenant],
  ];
  return fields.map(([field, value]) => `${field}=${value}`).join(' ');
}

/** Redis's letters, in its order. */
function flagsOf(client: ClientState): string {
  const flags = [
    client.monitors ? 'O' : '',
    client.channels + client.patterns > 0 ? 'P' : '',
    client.queuedCommands >= 0 ? 'x' : '',
    client.isBlocked ? 'b' : '',
    client.isTouched ? 'd' : '',
    client.isClosing ? 'c' : '',
    client.readsFromReplica ? 'r' : '',
    client.isEvictable ? '' : 'e',
    client.leavesNoTrace ? 'T' : '',
  ].join('');
  return flags === '' ? 'N' : flags;
}
