/** One connection to a node: commands pipelined in order, replies matched to them, pushes handed to a listener. */
import type { Socket } from 'node:net';
import { messageOf, RedNodeError, ExitCode } from '../errors.js';
import { encodeCommand } from '../resp/encode.js';
import type { Reply } from '../resp/reply.js';
import { ReplyParser } from '../resp/reply-parser.js';
import {
  cannotConnect,
  commandTimedOut,
  connectTimedOut,
  ConnectionCode,
  connectionClosed,
  connectionLost,
  tooManyPending,
} from './connection-errors.js';
import { shakeHands } from './handshake.js';
import { PendingQueue } from './pending-queue.js';
import { openSocket } from './socket.js';
import { SubscriptionReplies, type PushReply } from './subscription-replies.js';
import type { CommandWords, Endpoint } from './types.js';

/** The most commands that may wait for replies on one connection. */
export const MAX_PENDING_COMMANDS = 65_536;

export interface ConnectionOptions {
  /** Covers the socket and the handshake together. */
  readonly connectTimeoutMs: number;
  /** How long a command waits for its reply, unless it says otherwise. */
  readonly commandTimeoutMs: number;
  readonly clientName?: string | undefined;
}

export interface SendOptions {
  readonly timeoutMs?: number | undefined;
}

export class Connection {
  /** Resolves when the connection has ended: to what broke it, or to undefined after `close()`. */
  readonly closed: Promise<RedNodeError | undefined>;
  private readonly parser = new ReplyParser();
  private readonly pending = new PendingQueue();
  private readonly subscriptions = new SubscriptionReplies();
  private resolveClosed: (error: RedNodeError | undefined) => void = () => undefined;
  private pushHandler: ((push: PushReply) => void) | undefined;
  private unaskedHandler: ((reply: Reply) => void) | undefined;
  private negotiated: 2 | 3 = 2;
  private open = true;
  private isCorked = false;

  private constructor(
    private readonly socket: Socket,
    readonly endpoint: Endpoint,
    private readonly commandTimeoutMs: number,
  ) {
    this.closed = new Promise((resolve) => {
      this.resolveClosed = resolve;
    });
    socket.on('data', (chunk) => {
      this.receive(chunk);
    });
    socket.on('error', (cause) => {
      this.finish(connectionLost(endpoint, cause));
    });
    socket.on('close', () => {
      this.finish(connectionLost(endpoint));
    });
  }

  /**
   * Connects, introduces itself (HELLO 3, else RESP2) and authenticates.
   * @throws RedNodeError CANNOT_CONNECT, CONNECT_TIMEOUT, AUTH_FAILED (with the server's text), CONNECTION_LOST
   */
  static async connect(endpoint: Endpoint, options: ConnectionOptions): Promise<Connection> {
    const startedAtMs = performance.now();
    const socket = await openSocket(endpoint, options.connectTimeoutMs);
    const connection = new Connection(socket, endpoint, options.commandTimeoutMs);
    const leftMs = Math.max(1, Math.ceil(options.connectTimeoutMs - (performance.now() - startedAtMs)));
    try {
      connection.negotiated = await shakeHands(connection, options.clientName, leftMs);
    } catch (error) {
      await connection.close();
      throw handshakeFailure(endpoint, options.connectTimeoutMs, error);
    }
    return connection;
  }

  get protocol(): 2 | 3 {
    return this.negotiated;
  }

  get isOpen(): boolean {
    return this.open;
  }

  /**
   * Sends one command; commands of the same turn of the event loop share one write. An error reply resolves, as a Reply
   * of type `error`. Of SUBSCRIBE and its like the reply is the last confirmation.
   * @throws RedNodeError CONNECTION_CLOSED (not sent), CONNECTION_LOST, COMMAND_TIMEOUT (which ends the connection: what
   * comes after can no longer be matched), TOO_MANY_PENDING (not sent)
   */
  send(words: CommandWords, options: SendOptions = {}): Promise<Reply> {
    if (!this.open) return Promise.reject(connectionClosed(this.endpoint));
    if (this.pending.length >= MAX_PENDING_COMMANDS) {
      return Promise.reject(tooManyPending(this.endpoint, MAX_PENDING_COMMANDS));
    }
    const timeoutMs = options.timeoutMs ?? this.commandTimeoutMs;
    const subscription = this.subscriptions.request(words);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.finish(commandTimedOut(this.endpoint, timeoutMs));
      }, timeoutMs);
      const confirmationsLeft = subscription?.confirmations ?? 0;
      this.pending.push({ resolve, reject, timer, verb: subscription?.verb, confirmationsLeft });
      this.write(encodeCommand(words));
    });
  }

  /** Sends the commands back to back, with nothing in between; replies in the same order. Rejects as `send` does. */
  sendAll(list: readonly CommandWords[], options: SendOptions = {}): Promise<Reply[]> {
    return Promise.all(list.map((words) => this.send(words, options)));
  }

  /** Who is told of RESP3 pushes, messages of subscriptions and their confirmations; one listener, the last one given. */
  onPush(handler: (push: PushReply) => void): void {
    this.pushHandler = handler;
  }

  /** Who is given replies that belong to no command, as MONITOR has them; without it they end the connection. */
  onUnasked(handler: (reply: Reply) => void): void {
    this.unaskedHandler = handler;
  }

  /** Ends the connection at once; commands without a reply reject with CONNECTION_LOST. */
  async close(): Promise<void> {
    this.finish(undefined);
    await this.closed;
  }

  private write(bytes: Buffer): void {
    if (!this.isCorked) {
      this.isCorked = true;
      this.socket.cork();
      process.nextTick(() => {
        this.isCorked = false;
        this.socket.uncork();
      });
    }
    this.socket.write(bytes);
  }

  private receive(chunk: Buffer): void {
    try {
      this.parser.feed(chunk);
      for (let reply = this.parser.next(); reply !== undefined && this.open; reply = this.parser.next()) {
        this.accept(reply);
      }
    } catch (error) {
      this.finish(error instanceof RedNodeError ? error : defect(error));
    }
  }

  private accept(reply: Reply): void {
    const head = this.pending.peek();
    const classified = this.subscriptions.classify(reply, head?.verb);
    if (classified.kind === 'reply') {
      this.answer(reply);
      return;
    }
    this.pushHandler?.(classified.push);
    if (classified.kind === 'confirmation' && head?.verb === classified.verb && --head.confirmationsLeft <= 0) {
      this.answer(classified.push);
    }
  }

  private answer(reply: Reply): void {
    const command = this.pending.shift();
    if (command === undefined && this.unaskedHandler !== undefined) {
      this.unaskedHandler(reply);
      return;
    }
    // Nobody asked: a server that refuses a connection (too many clients) says so before it hangs up.
    if (command === undefined) this.finish(connectionLost(this.endpoint, unaskedText(reply)));
    else command.resolve(reply);
  }

  /** Ends the connection once; `error` undefined when this side wanted it. */
  private finish(error: RedNodeError | undefined): void {
    if (!this.open) return;
    this.open = false;
    this.socket.destroy();
    this.pending.rejectAll(error ?? connectionLost(this.endpoint, 'closed by this side'));
    this.resolveClosed(error);
  }
}

/** During the handshake nothing of the caller's was sent, which the code of the error must not leave open. */
function handshakeFailure(endpoint: Endpoint, connectTimeoutMs: number, error: unknown): unknown {
  if (!(error instanceof RedNodeError)) return error;
  if (error.code === ConnectionCode.timeout) return connectTimedOut(endpoint, connectTimeoutMs);
  return error.code === ConnectionCode.lost ? cannotConnect(endpoint, error) : error;
}

function unaskedText(reply: Reply): string {
  return reply.type === 'error' ? reply.value : `a reply of type ${reply.type} that belongs to no command`;
}

/** What a push listener throws ends its connection, and is not taken for the server's fault. */
function defect(error: unknown): RedNodeError {
  return new RedNodeError('LISTENER_FAILED', `a listener failed: ${messageOf(error)}`, ExitCode.internal, {
    cause: error,
  });
}
