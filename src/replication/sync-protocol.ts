/**
 * The words of a replication link, which are Redis's own, and one addition: to a replica that announced the capability
 * `rednode`, the stream is preceded by `+SYNC <offset>`, the end of the log at that moment. Having applied the log up to
 * there, the replica is in sync.
 *
 *     replica                                   master
 *     REPLCONF capa eof capa psync2 ...         +OK
 *     PSYNC ? -1                                +FULLRESYNC <id> <offset>
 *                                               $EOF:<40 bytes> <RDB> <40 bytes>
 *     REPLCONF ACK <offset>                     +SYNC <offset>, then the log from the offset of FULLRESYNC
 *     PSYNC <id> <offset + 1>                   +CONTINUE <id>, +SYNC <offset>, then the log
 */
import { encodeCommand } from '../resp/encode.js';

/** Length of the mark behind an RDB transfer of unknown length. */
export const MARK_LENGTH = 40;
export const REDNODE_CAPABILITY = 'rednode';
/** An empty line says "alive" where nothing else may be said. Neither end counts it as part of the log. */
export const KEEPALIVE = '\n';

/** What a replica opens a link with. PSYNC must wait for the answer: Redis refuses it while it has something to say. */
export function opening(): Buffer {
  return encodeCommand(['REPLCONF', 'capa', 'eof', 'capa', 'psync2', 'capa', REDNODE_CAPABILITY]);
}

/** Asks to go on from `history`, or for a full sync when there is none. */
export function psync(history: { readonly id: string; readonly offset: number } | undefined): Buffer {
  // The wire names the first byte that is wanted, counted from 1.
  const wanted = history === undefined ? ['?', '-1'] : [history.id, String(history.offset + 1)];
  return encodeCommand(['PSYNC', ...wanted]);
}

export function acknowledgement(offset: number): Buffer {
  return encodeCommand(['REPLCONF', 'ACK', String(offset)]);
}

export const replies = {
  ok: '+OK\r\n',
  pong: '+PONG\r\n',
  notMaster: '-ERR this node is a replica itself\r\n',
  fullResync: (id: string, offset: number) => `+FULLRESYNC ${id} ${String(offset)}\r\n`,
  continue: (id: string) => `+CONTINUE ${id}\r\n`,
  caughtUpAt: (offset: number) => `+SYNC ${String(offset)}\r\n`,
  transfer: (mark: string) => `$EOF:${mark}\r\n`,
};

/** The answer to PSYNC. */
export type PsyncReply =
  | { readonly kind: 'full'; readonly id: string; readonly offset: number }
  /** `id` is undefined when the master goes on under the id that was asked for. */
  | { readonly kind: 'partial'; readonly id: string | undefined };

/** Undefined when the line is none of the answers: an error of the master's. */
export function parsePsyncReply(line: string): PsyncReply | undefined {
  const full = /^\+FULLRESYNC ([0-9a-f]{40}) (\d+)$/.exec(line);
  if (full !== null) return { kind: 'full', id: full[1], offset: Number(full[2]) };
  const partial = /^\+CONTINUE(?: ([0-9a-f]{40}))?$/.exec(line);
  if (partial === null) return undefined;
  return { kind: 'partial', id: partial.at(1) };
}

/** How an RDB transfer ends: with a mark, or after so many bytes. */
export type TransferEnd = { readonly mark: string } | { readonly sizeBytes: number };

/** Undefined when the line does not announce a transfer. */
export function parseTransfer(line: string): TransferEnd | undefined {
  if (line.startsWith('$EOF:') && line.length === 5 + MARK_LENGTH) return { mark: line.slice(5) };
  return /^\$\d+$/.test(line) ? { sizeBytes: Number(line.slice(1)) } : undefined;
}

/** The offset of `+SYNC <offset>`, or undefined. */
export function parseCaughtUpAt(line: string): number | undefined {
  const match = /^\+SYNC (\d+)$/.exec(line);
  return match === null ? undefined : Number(match[1]);
}
