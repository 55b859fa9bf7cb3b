/** What an error reply of a cluster node means for the client: go elsewhere, wait, or that it is the answer. */
import type { Reply } from '../resp/reply.js';
import { SLOT_COUNT } from '../topology/topology.js';
import type { Address } from './endpoint.js';

export type Verdict =
  | { readonly kind: 'final' }
  /** The slot is served there from now on. */
  | { readonly kind: 'moved'; readonly slot: number; readonly address: Address }
  /** This once, and after ASKING: the slot is on its way there. */
  | { readonly kind: 'ask'; readonly address: Address }
  /** Nothing was executed; the same may work in a moment. */
  | { readonly kind: 'later'; readonly topologyIsSuspect: boolean };

const final: Verdict = { kind: 'final' };
const redirection = /^(?<word>MOVED|ASK) (?<slot>\d{1,5}) (?<host>.*):(?<port>\d{1,5})$/;
const later = /^(?<word>TRYAGAIN|CLUSTERDOWN|LOADING)\b/;

/** `asked` is the node that replied: it leaves out the host where it does not know it. */
export function verdictOf(reply: Reply, asked: Address): Verdict {
  if (reply.type !== 'error') return final;
  const parts = redirection.exec(reply.value)?.groups;
  if (parts !== undefined) return redirectionOf(parts, asked);
  const word = later.exec(reply.value)?.groups?.word;
  return word === undefined ? final : { kind: 'later', topologyIsSuspect: word === 'CLUSTERDOWN' };
}

function redirectionOf(parts: Readonly<Record<string, string>>, asked: Address): Verdict {
  const slot = Number(parts.slot);
  if (slot >= SLOT_COUNT) return final;
  const host = parts.host === '' || parts.host === '?' ? asked.host : parts.host;
  const address = { host, port: Number(parts.port) };
  return parts.word === 'MOVED' ? { kind: 'moved', slot, address } : { kind: 'ask', address };
}
