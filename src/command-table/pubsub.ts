/** Publish and subscribe. Channels belong to the tenant: no message crosses from one to another. */
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { many, optional, pattern, string } from './arguments.js';
import type { CommandDeclaration, Handler } from './command.js';
import type { CommandContext } from './context.js';

type Kind = 'channel' | 'pattern';

const confirmations = {
  channel: { subscribe: 'subscribe', unsubscribe: 'unsubscribe' },
  pattern: { subscribe: 'psubscribe', unsubscribe: 'punsubscribe' },
} as const;

function confirm(reply: ReplyWriter, word: string, name: Uint8Array | undefined, count: number): void {
  reply.push(3);
  reply.bulkText(word);
  if (name === undefined) reply.nullBulk();
  else reply.bulk(name, 0, name.length);
  reply.integer(count);
}

function subscribe(kind: Kind): Handler {
  return ({ session }, request, reply) => {
    for (let index = 1; index < request.argc; index++) {
      const name = request.bytes(index);
      session.subscriptions.subscribe(kind, name);
      confirm(reply, confirmations[kind].subscribe, name, session.subscriptions.count);
    }
  };
}

/** Without names, all are left; each is confirmed, and a connection that had none gets one confirmation without a name. */
function unsubscribe(kind: Kind): Handler {
  return ({ session }, request, reply) => {
    const word = confirmations[kind].unsubscribe;
    const names = request.argc > 1 ? request.copyArguments().slice(1) : session.subscriptions.names(kind);
    if (names.length === 0) confirm(reply, word, undefined, session.subscriptions.count);
    for (const name of names) {
      session.subscriptions.unsubscribe(kind, name);
      confirm(reply, word, name, session.subscriptions.count);
    }
  };
}

function publish({ node, keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  reply.integer(node.pubsub.publish(keyspace.database, request.bytes(1), request.bytes(2)));
}

function channels({ node, keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  if (request.argc > 3) {
    reply.error("ERR unknown subcommand or wrong number of arguments for 'channels'. Try PUBSUB HELP.");
    return;
  }
  const names = node.pubsub.channels(keyspace.database, request.argc > 2 ? request.bytes(2) : undefined);
  reply.array(names.length);
  for (const name of names) reply.bulk(name, 0, name.length);
}

function subscriberCounts({ node, keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  reply.array((request.argc - 2) * 2);
  for (let index = 2; index < request.argc; index++) {
    const name = request.bytes(index);
    reply.bulk(name, 0, name.length);
    reply.integer(node.pubsub.subscriberCount(keyspace.database, name));
  }
}

function subscription(name: string, summary: string, kind: Kind, isOn: boolean): CommandDeclaration {
  const argument = many(kind === 'channel' ? string('channel') : pattern());
  return {
    name,
    summary,
    since: '2.0.0',
    group: 'pubsub',
    complexity: 'O(N) where N is the number of names',
    flags: ['pubsub', 'noscript', 'loading', 'stale', 'session'],
    arguments: [isOn ? argument : optional(argument)],
    handler: isOn ? subscribe(kind) : unsubscribe(kind),
  };
}

export const pubsubCommands: readonly CommandDeclaration[] = [
  subscription('SUBSCRIBE', 'Listens for messages published to channels.', 'channel', true),
  subscription('UNSUBSCRIBE', 'Stops listening to messages posted to channels.', 'channel', false),
  subscription('PSUBSCRIBE', 'Listens for messages published to channels that match patterns.', 'pattern', true),
  subscription('PUNSUBSCRIBE', 'Stops listening to channels that match patterns.', 'pattern', false),
  {
    name: 'PUBLISH',
    summary: 'Posts a message to a channel.',
    since: '2.0.0',
    group: 'pubsub',
    complexity: 'O(N+M) where N is the number of its subscribers and M the number of patterns',
    flags: ['pubsub', 'loading', 'stale', 'fast'],
    arguments: [string('channel'), string('message')],
    handler: publish,
  },
  {
    name: 'PUBSUB',
    summary: 'A container for Pub/Sub commands.',
    since: '2.8.0',
    group: 'pubsub',
    flags: [],
    subcommands: [
      {
        name: 'CHANNELS',
        summary: 'Returns the active channels.',
        since: '2.8.0',
        group: 'pubsub',
        complexity: 'O(N) where N is the number of active channels',
        flags: ['pubsub', 'loading', 'stale'],
        arguments: [optional(pattern())],
        handler: channels,
      },
      {
        name: 'NUMSUB',
        summary: 'Returns a count of subscribers to channels.',
        since: '2.8.0',
        group: 'pubsub',
        complexity: 'O(N) for the NUMSUB subcommand, where N is the number of requested channels',
        flags: ['pubsub', 'loading', 'stale'],
        arguments: [optional(many(string('channel')))],
        handler: subscriberCounts,
      },
      {
        name: 'NUMPAT',
        summary: 'Returns a count of unique pattern subscriptions.',
        since: '2.8.0',
        group: 'pubsub',
        complexity: 'O(1)',
        flags: ['pubsub', 'loading', 'stale'],
        handler: ({ node, keyspace }, _request, reply) => {
          reply.integer(node.pubsub.patternCount(keyspace.database));
        },
      },
    ],
  },
];
