/**
 * Tells published messages and confirmations of subscriptions from ordinary replies. RESP3 marks them as pushes; in
 * RESP2 they are arrays like any other and only the state of the connection tells them apart.
 */
import type { Reply } from '../resp/reply.js';
import { bytesOf } from './words.js';
import type { CommandArgument, CommandWords } from './types.js';

const subscribeVerbs: ReadonlySet<string> = new Set(['subscribe', 'psubscribe', 'ssubscribe']);
const unsubscribeVerbs: ReadonlySet<string> = new Set(['unsubscribe', 'punsubscribe', 'sunsubscribe']);
const messageKinds: ReadonlySet<string> = new Set(['message', 'pmessage', 'smessage']);

export type PushReply = Extract<Reply, { type: 'array' | 'set' | 'push' }>;

export type Classified =
  | { readonly kind: 'reply' }
  | { readonly kind: 'message'; readonly push: PushReply }
  | { readonly kind: 'confirmation'; readonly verb: string; readonly push: PushReply };

const ordinary: Classified = { kind: 'reply' };

/** What a command of the subscribe family expects in answer. */
export interface SubscriptionRequest {
  readonly verb: string;
  /** One for each channel; an unsubscribe from everything confirms each channel that was there, or answers once. */
  readonly confirmations: number;
}

/** The subscriptions of one connection, followed by the commands that are sent on it. */
export class SubscriptionReplies {
  /** Names by family: '' for channels, 'p' for patterns, 's' for shard channels. */
  private readonly names = new Map<string, Set<string>>();

  /** Notes a command that is about to be sent; undefined for one that is not of the subscribe family. */
  request(words: CommandWords): SubscriptionRequest | undefined {
    const verb = textOf(words[0]).toLowerCase();
    const isSubscribe = subscribeVerbs.has(verb);
    if (!isSubscribe && !unsubscribeVerbs.has(verb)) return undefined;
    const names = this.namesOf(familyOf(verb));
    const given = words.slice(1).map(keyOf);
    // A subscribe command without a channel is an arity error: one ordinary reply.
    if (isSubscribe && given.length === 0) return undefined;
    const confirmations = given.length > 0 ? given.length : Math.max(1, names.size);
    if (isSubscribe) for (const name of given) names.add(name);
    else if (given.length === 0) names.clear();
    else for (const name of given) names.delete(name);
    return { verb, confirmations };
  }

  /** `pendingVerb` is that of the oldest command without a reply, if it is of the subscribe family. */
  classify(reply: Reply, pendingVerb: string | undefined): Classified {
    if (reply.type === 'push') return classifyPush(reply, firstWordOf(reply));
    if (reply.type !== 'array') return ordinary;
    const kind = firstWordOf(reply);
    if (pendingVerb !== undefined && kind === pendingVerb) return classifyPush(asPush(reply), kind);
    const listens = pendingVerb !== undefined || this.count() > 0;
    return listens && messageKinds.has(kind) ? { kind: 'message', push: asPush(reply) } : ordinary;
  }

  private count(): number {
    let count = 0;
    for (const names of this.names.values()) count += names.size;
    return count;
  }

  private namesOf(family: string): Set<string> {
    let names = this.names.get(family);
    if (names === undefined) this.names.set(family, (names = new Set()));
    return names;
  }
}

function classifyPush(push: PushReply, kind: string): Classified {
  const isConfirmation = subscribeVerbs.has(kind) || unsubscribeVerbs.has(kind);
  return isConfirmation ? { kind: 'confirmation', verb: kind, push } : { kind: 'message', push };
}

function asPush(reply: PushReply): PushReply {
  return { type: 'push', items: reply.items };
}

function familyOf(verb: string): string {
  const first = verb.charAt(0);
  return verb.startsWith('subs') || first === 'u' ? '' : first;
}

function firstWordOf({ items }: PushReply): string {
  const first = items.at(0);
  if (first?.type === 'bulk') return first.value.toString('latin1');
  return first?.type === 'simple' ? first.value : '';
}

function textOf(word: CommandArgument | undefined): string {
  return word === undefined ? '' : keyOf(word);
}

/** Bytes as a text in which equal means equal bytes. */
function keyOf(word: CommandArgument): string {
  return bytesOf(word).toString('latin1');
}
