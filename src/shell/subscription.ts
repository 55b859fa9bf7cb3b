/** Subscribe mode: messages on a connection of its own, until somebody ends it. */
import type { SubscriptionEvent } from '../client/subscription.js';
import type { Reply } from '../resp/reply.js';
import { ExitCode, RedNodeError } from '../errors.js';
import type { ShellClient } from './shell-client.js';

export interface FollowOptions {
  readonly words: readonly Uint8Array[];
  /** Called for every message, and for the confirmation of every channel. */
  readonly onMessage: (message: Reply) => void;
  /** Ends the subscription. */
  readonly until: Promise<unknown>;
}

/**
 * Subscribes and stays until `until` settles. Throws RedNodeError `SUBSCRIPTION_LOST` when the connection goes first;
 * returns the server's error where it refuses the subscription.
 */
export async function followSubscription(client: ShellClient, options: FollowOptions): Promise<Reply | undefined> {
  const subscription = await client.openSubscription();
  try {
    subscription.onMessage((event) => {
      options.onMessage(replyOf(event));
    });
    const confirmation = await subscription.send(options.words);
    if (confirmation.type === 'error') return confirmation;
    const isLost = await Promise.race([subscription.closed.then(() => true), options.until.then(() => false)]);
    if (!isLost) return undefined;
    throw new RedNodeError('SUBSCRIPTION_LOST', 'the connection of the subscription was lost', ExitCode.unreachable, {
      hint: 'subscribe again: messages sent meanwhile are not kept',
    });
  } finally {
    await subscription.close();
  }
}

/** An event as the push that the server sent, so that it looks as it does in redis-cli. */
function replyOf(event: SubscriptionEvent): Reply {
  if (event.kind === 'confirmation') {
    const channel: Reply = event.channel === undefined ? { type: 'null' } : bulk(event.channel);
    return { type: 'push', items: [bulk(Buffer.from(event.verb)), channel, { type: 'integer', value: event.count }] };
  }
  const { pattern, channel, payload } = event;
  const head = pattern === undefined ? [Buffer.from('message')] : [Buffer.from('pmessage'), pattern];
  return { type: 'push', items: [...head, channel, payload].map(bulk) };
}

function bulk(value: Buffer): Reply {
  return { type: 'bulk', value };
}
