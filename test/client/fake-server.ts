/** A scriptable server: answers each command by a handler, remembers what it was asked, and can hang up or keep silent. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { DecodeResult, RequestDecoder } from '../../src/resp/request-decoder.js';

/** What to do in answer: write these RESP bytes, or for `silence` nothing, or for `hang-up` close the connection. */
export type Answer = string;
export type Handler = (words: readonly string[], connection: FakeConnection) => Answer;

export interface FakeConnection {
  /** Counts from 1 on. */
  readonly id: number;
  push(bytes: string): void;
}

export const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
export const array = (...items: readonly string[]): string => `*${items.length}\r\n${items.join('')}`;
export const push = (...items: readonly string[]): string => `>${items.length}\r\n${items.join('')}`;
export const integer = (value: number): string => `:${value}\r\n`;
export const OK = '+OK\r\n';
export const NULL = '_\r\n';
const hello3 = `%1\r\n${bulk('proto')}:3\r\n`;

export class FakeServer implements AsyncDisposable {
  /** Every command, in the order of arrival. */
  readonly requests: string[][] = [];
  readonly host = '127.0.0.1';
  private readonly handlers = new Map<string, Handler>();
  private readonly sockets = new Set<Socket>();
  private connectionCount = 0;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {
    server.on('connection', (socket) => {
      this.serve(socket);
    });
    this.on('HELLO', () => hello3).on('CLUSTER', () => '-ERR This instance has cluster support disabled\r\n');
  }

  static async start(port = 0): Promise<FakeServer> {
    // Each reply is a write of its own: they do not wait for each other.
    const server = createServer({ noDelay: true });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new FakeServer(server, (server.address() as AddressInfo).port);
  }

  get connections(): number {
    return this.connectionCount;
  }

  get openConnections(): number {
    return this.sockets.size;
  }

  on(name: string, handler: Handler | Answer): this {
    this.handlers.set(name, typeof handler === 'string' ? () => handler : handler);
    return this;
  }

  /** Requests by this name, without HELLO and the like. */
  named(name: string): string[][] {
    return this.requests.filter(([word]) => word.toUpperCase() === name);
  }

  /** Breaks the open connections; new ones are accepted. */
  breakConnections(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.breakConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  private serve(socket: Socket): void {
    const decoder = new RequestDecoder();
    const id = ++this.connectionCount;
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    // The client may break a connection at any time, which is what some tests are about.
    socket.on('error', () => socket.destroy());
    const connection: FakeConnection = { id, push: (bytes) => socket.write(bytes) };
    socket.on('data', (chunk: Buffer) => {
      decoder.feed(chunk);
      while (decoder.next() === DecodeResult.request && !socket.destroyed) {
        const words = decoder.request.copyArguments().map(String);
        this.requests.push(words);
        this.answer(socket, words, connection);
      }
    });
  }

  private answer(socket: Socket, words: string[], connection: FakeConnection): void {
    const name = words[0].toUpperCase();
    const handler = this.handlers.get(name);
    const answer = handler === undefined ? `-ERR unknown command '${words[0]}'\r\n` : handler(words, connection);
    if (answer === 'silence') return;
    if (answer === 'hang-up') socket.destroy();
    else socket.write(answer);
  }
}

export interface FakeShard {
  readonly name: string;
  readonly port: number;
  readonly slots: readonly [start: number, end: number];
}

/** A CLUSTER SHARDS reply (RESP2 shape), in which nodes carry RedNode's short names. */
export function shardsReply(shards: readonly FakeShard[]): string {
  return array(
    ...shards.map(({ name, port, slots }) =>
      array(
        bulk('slots'),
        array(integer(slots[0]), integer(slots[1])),
        bulk('nodes'),
        array(
          array(
            ...[bulk('name'), bulk(name), bulk('port'), integer(port), bulk('ip'), bulk('127.0.0.1')],
            ...[bulk('endpoint'), bulk('127.0.0.1'), bulk('role'), bulk('master')],
            ...[bulk('replication-offset'), integer(7), bulk('health'), bulk('online')],
          ),
        ),
      ),
    ),
  );
}

/** Two fake masters that share the slots evenly: n1 holds 0-8191, n2 the rest. */
export async function startFakePair(): Promise<readonly [FakeServer, FakeServer]> {
  const pair = [await FakeServer.start(), await FakeServer.start()] as const;
  const reply = shardsReply([
    { name: 'n1', port: pair[0].port, slots: [0, 8191] },
    { name: 'n2', port: pair[1].port, slots: [8192, 16383] },
  ]);
  for (const server of pair) server.on('CLUSTER', reply);
  return pair;
}

/** A key in n1's half of `startFakePair`, and one in n2's (CLUSTER KEYSLOT: b 3300, a 15495). */
export const lowKey = 'b';
export const highKey = 'a';
