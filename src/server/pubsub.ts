/**
 * Channels and patterns and who listens to them. Names are looked up together with the tenant's database number, so a
 * message cannot reach another tenant.
 */
import { compileGlob, type Glob } from '../glob.js';
import type { PubsubPort, SubscriptionPort } from '../command-table/context.js';
import { ReplyWriter } from '../resp/reply-writer.js';

/** What a subscription needs of its connection. */
export interface Subscriber {
  readonly protocol: 2 | 3;
  /** Sends out of turn; the bytes may be shared with other subscribers. */
  push(bytes: Buffer): void;
}

type Kind = 'channel' | 'pattern';

interface PatternEntry {
  readonly glob: Glob;
  readonly name: Buffer;
  readonly subscribers: Set<Subscriber>;
}

/** One tenant's channels; names as latin1 text, which holds any bytes. */
class Channels {
  readonly channels = new Map<string, Set<Subscriber>>();
  readonly patterns = new Map<string, PatternEntry>();

  get isEmpty(): boolean {
    return this.channels.size === 0 && this.patterns.size === 0;
  }
}

function keyOf(name: Uint8Array): string {
  return Buffer.from(name.buffer, name.byteOffset, name.byteLength).toString('latin1');
}

export class Pubsub implements PubsubPort {
  private readonly byDatabase = new Map<number, Channels>();
  private readonly writer = new ReplyWriter();

  subscribe(database: number, kind: Kind, name: Uint8Array, subscriber: Subscriber): void {
    let tenant = this.byDatabase.get(database);
    if (tenant === undefined) this.byDatabase.set(database, (tenant = new Channels()));
    const key = keyOf(name);
    if (kind === 'channel') {
      const subscribers = tenant.channels.get(key);
      if (subscribers === undefined) tenant.channels.set(key, new Set([subscriber]));
      else subscribers.add(subscriber);
      return;
    }
    const entry = tenant.patterns.get(key);
    if (entry !== undefined) entry.subscribers.add(subscriber);
    else
      tenant.patterns.set(key, {
        glob: compileGlob(name),
        name: Buffer.from(name),
        subscribers: new Set([subscriber]),
      });
  }

  unsubscribe(database: number, kind: Kind, name: Uint8Array, subscriber: Subscriber): void {
    const tenant = this.byDatabase.get(database);
    if (tenant === undefined) return;
    const key = keyOf(name);
    const subscribers = kind === 'channel' ? tenant.channels.get(key) : tenant.patterns.get(key)?.subscribers;
    subscribers?.delete(subscriber);
    if (subscribers?.size === 0) (kind === 'channel' ? tenant.channels : tenant.patterns).delete(key);
    if (tenant.isEmpty) this.byDatabase.delete(database);
  }

  publish(database: number, channel: Uint8Array, message: Uint8Array): number {
    const tenant = this.byDatabase.get(database);
    if (tenant === undefined) return 0;
    let receivers = 0;
    const subscribers = tenant.channels.get(keyOf(channel));
    if (subscribers !== undefined) receivers += this.deliver(subscribers, ['message', channel, message]);
    for (const { glob, name, subscribers: listening } of tenant.patterns.values()) {
      if (!glob.matches(channel, 0, channel.length)) continue;
      receivers += this.deliver(listening, ['pmessage', name, channel, message]);
    }
    return receivers;
  }

  channels(database: number, pattern: Uint8Array | undefined): Buffer[] {
    const names = [...(this.byDatabase.get(database)?.channels.keys() ?? [])].map((name) =>
      Buffer.from(name, 'latin1'),
    );
    if (pattern === undefined) return names;
    const glob = compileGlob(pattern);
    return names.filter((name) => glob.matches(name, 0, name.length));
  }

  subscriberCount(database: number, channel: Uint8Array): number {
    return this.byDatabase.get(database)?.channels.get(keyOf(channel))?.size ?? 0;
  }

  patternCount(database: number): number {
    return this.byDatabase.get(database)?.patterns.size ?? 0;
  }

  /** Encodes at most once per protocol version, however many listen. */
  private deliver(subscribers: ReadonlySet<Subscriber>, words: readonly (string | Uint8Array)[]): number {
    let inResp2: Buffer | undefined;
    let inResp3: Buffer | undefined;
    for (const subscriber of subscribers) {
      if (subscriber.protocol === 3) subscriber.push((inResp3 ??= this.encode(3, words)));
      else subscriber.push((inResp2 ??= this.encode(2, words)));
    }
    return subscribers.size;
  }

  private encode(protocol: 2 | 3, words: readonly (string | Uint8Array)[]): Buffer {
    const { writer } = this;
    writer.protocol = protocol;
    writer.push(words.length);
    for (const word of words) {
      if (typeof word === 'string') writer.bulkText(word);
      else writer.bulk(word, 0, word.length);
    }
    const bytes = Buffer.from(writer.view());
    writer.reset();
    return bytes;
  }
}

/** The subscriptions of one connection, all in the tenant it was in when it made the first. */
export class Subscriptions implements SubscriptionPort {
  private readonly held = { channel: new Map<string, Buffer>(), pattern: new Map<string, Buffer>() };

  constructor(
    private readonly pubsub: Pubsub,
    private readonly subscriber: Subscriber,
    private readonly database: () => number,
  ) {}

  get count(): number {
    return this.held.channel.size + this.held.pattern.size;
  }

  countOf(kind: Kind): number {
    return this.held[kind].size;
  }

  subscribe(kind: Kind, name: Uint8Array): void {
    this.held[kind].set(keyOf(name), Buffer.from(name));
    this.pubsub.subscribe(this.database(), kind, name, this.subscriber);
  }

  unsubscribe(kind: Kind, name: Uint8Array): boolean {
    const wasHeld = this.held[kind].delete(keyOf(name));
    if (wasHeld) this.pubsub.unsubscribe(this.database(), kind, name, this.subscriber);
    return wasHeld;
  }

  names(kind: Kind): Buffer[] {
    return [...this.held[kind].values()];
  }

  /** Before the connection changes its tenant, or ends. */
  clear(): void {
    for (const kind of ['channel', 'pattern'] as const) {
      for (const name of this.names(kind)) this.unsubscribe(kind, name);
    }
  }
}
