/** The cluster client in the shape that the shell asks for: messages of subscriptions as push replies. */
import type { RoutingClient } from '../client/routing-client.js';
import type { SubscriptionEvent } from '../client/subscription.js';
import type { Reply } from '../resp/reply.js';
import type { ShellClient, ShellSubscription } from '../shell/shell-client.js';

export function shellClientOf(client: RoutingClient): ShellClient {
  return {
    get isCluster() {
      return client.isCluster;
    },
    stats: client.stats,
    execute: (words) => client.execute(words),
    explain: (words) => client.explain(words),
    nodes: () => client.nodes(),
    authenticate: (username, password) => client.authenticate(username, password),
    selectTenant: (name) => client.selectTenant(name),
    openSubscription: () => openSubscription(client),
    close: () => client.close(),
  };
}

async function openSubscription(client: RoutingClient): Promise<ShellSubscription> {
  const subscription = await client.openSubscription();
  return {
    send: (words) => subscription.send(words),
    onPush(handler) {
      subscription.onMessage((event) => {
        handler(pushOf(event));
      });
    },
    closed: subscription.closed,
    close: () => subscription.close(),
  };
}

/** The push as it came over the wire. */
export function pushOf(event: SubscriptionEvent): Reply {
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
