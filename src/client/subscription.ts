/** A connection of its own for SUBSCRIBE and its like, since messages come at any time. */
import type { RedNodeError } from '../errors.js';
import type { Reply } from '../resp/reply.js';
import type { Connection } from './connection.js';
import { readText } from './reply-fields.js';
import type { PushReply } from './subscription-replies.js';
import type { ClientNode, CommandWords } from './types.js';

export type SubscriptionEvent =
  | {
      readonly kind: 'message';
      readonly channel: Buffer;
      /** The pattern that matched, of a PSUBSCRIBE. */
      readonly pattern?: Buffer;
      readonly payload: Buffer;
    }
  /** A confirmation: `verb` is `subscribe`, `punsubscribe` and so on, `count` the subscriptions that are left. */
  | {
      readonly kind: 'confirmation';
      readonly verb: string;
      readonly channel: Buffer | undefined;
      readonly count: number;
    };

export class Subscription {
  private handler: ((event: SubscriptionEvent) => void) | undefined;

  constructor(
    private readonly connection: Connection,
    readonly node: ClientNode,
  ) {
    connection.onPush((push) => {
      const event = eventOf(push);
      if (event !== undefined) this.handler?.(event);
    });
  }

  /** Who is told of messages and confirmations, in their order; one listener, the last one given. */
  onMessage(handler: (event: SubscriptionEvent) => void): void {
    this.handler = handler;
  }

  /** SUBSCRIBE, PSUBSCRIBE, UNSUBSCRIBE, PUNSUBSCRIBE or PING; the reply is the last confirmation, or an error. */
  send(words: CommandWords): Promise<Reply> {
    return this.connection.send(words);
  }

  /** Resolves when it has ended: to what broke it, or to undefined after `close()`. */
  get closed(): Promise<RedNodeError | undefined> {
    return this.connection.closed;
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

/** Undefined for pushes that are not about subscriptions (client tracking). */
function eventOf({ items }: PushReply): SubscriptionEvent | undefined {
  const kind = readText(items[0]);
  switch (kind) {
    case 'message':
    case 'smessage':
      return { kind: 'message', channel: bulkOf(items[1]), payload: bulkOf(items[2]) };
    case 'pmessage':
      return { kind: 'message', pattern: bulkOf(items[1]), channel: bulkOf(items[2]), payload: bulkOf(items[3]) };
    default: {
      const count = items.at(2);
      if (count?.type !== 'integer') return undefined;
      const channel = items[1].type === 'null' ? undefined : bulkOf(items[1]);
      return { kind: 'confirmation', verb: kind, channel, count: Number(count.value) };
    }
  }
}

function bulkOf(reply: Reply): Buffer {
  return reply.type === 'bulk' ? reply.value : Buffer.from(readText(reply));
}
