/** A connection that carries a load: a handshake as every connection has, then bytes out and bytes in, with nothing made per reply. */
import type { Socket } from 'node:net';
import { encodeCommand } from '../../resp/encode.js';
import { ReplyParser } from '../../resp/reply-parser.js';
import type { Reply } from '../../resp/reply.js';
import { messageOf, type RedNodeError } from '../../errors.js';
import { authenticationFailed, cannotConnect, connectionLost } from '../connection-errors.js';
import { shakeHands } from '../handshake.js';
import { openSocket } from '../socket.js';
import type { CommandWords, Endpoint } from '../types.js';

/** Read into by all connections in turn: what is read is used up before the next one is read. */
const sharedBuffer = Buffer.allocUnsafeSlow(256 * 1024);
const CLIENT_NAME = 'rednode-bench';

export interface LoadReceiver {
  /** The first `length` bytes of `bytes` came; they are overwritten after the call. What it throws ends the connection. */
  receive(bytes: Uint8Array, length: number): void;
  /** The connection ended by itself. Called once, and not after `close`. */
  lost(error: RedNodeError): void;
}

export interface LoadConnectionOptions {
  readonly endpoint: Endpoint;
  /** A tenant to enter as the admin. */
  readonly tenantToEnter: string | undefined;
  readonly connectTimeoutMs: number;
}

export class LoadConnection {
  private receiver: LoadReceiver;
  private socket: Socket | undefined;
  private isOpen = true;

  private constructor(private readonly endpoint: Endpoint) {
    this.receiver = { receive: () => undefined, lost: () => undefined };
  }

  /**
   * Connects, authenticates and enters the tenant.
   * @throws RedNodeError CANNOT_CONNECT, CONNECT_TIMEOUT, AUTH_FAILED
   */
  static async open(options: LoadConnectionOptions, receiver: LoadReceiver): Promise<LoadConnection> {
    const { endpoint, connectTimeoutMs } = options;
    const connection = new LoadConnection(endpoint);
    const greeting = new Greeting(endpoint, (bytes) => connection.socket?.write(bytes));
    connection.receiver = greeting;
    connection.socket = await openSocket(endpoint, connectTimeoutMs, {
      buffer: sharedBuffer,
      callback: (length) => {
        connection.take(length);
        return true;
      },
    });
    connection.watch(connection.socket);
    try {
      await greet(greeting, options);
    } catch (error) {
      connection.close();
      throw error;
    }
    connection.receiver = receiver;
    // It may have broken between the last word of the handshake and now.
    if (connection.isOpen) return connection;
    throw cannotConnect(endpoint, connectionLost(endpoint));
  }

  /** The bytes must stay as they are until the replies to them have come. */
  write(bytes: Uint8Array): void {
    this.socket?.write(bytes);
  }

  close(): void {
    this.isOpen = false;
    this.socket?.destroy();
  }

  /** Ends it as if it had broken. */
  fail(error: RedNodeError): void {
    if (!this.isOpen) return;
    this.close();
    this.receiver.lost(error);
  }

  private watch(socket: Socket): void {
    socket.on('error', (cause) => {
      this.fail(connectionLost(this.endpoint, cause));
    });
    socket.on('close', () => {
      this.fail(connectionLost(this.endpoint));
    });
  }

  private take(length: number): void {
    try {
      if (this.isOpen) this.receiver.receive(sharedBuffer, length);
    } catch (error) {
      this.fail(connectionLost(this.endpoint, error));
    }
  }
}

async function greet(
  greeting: Greeting,
  { endpoint, tenantToEnter, connectTimeoutMs }: LoadConnectionOptions,
): Promise<void> {
  await shakeHands(greeting, CLIENT_NAME, connectTimeoutMs);
  if (tenantToEnter === undefined) return;
  const reply = await greeting.send(['TENANT', 'USE', tenantToEnter], { timeoutMs: connectTimeoutMs });
  if (reply.type === 'error') throw authenticationFailed(endpoint, reply.value);
}

/** The words before the load, one at a time. */
class Greeting implements LoadReceiver {
  private readonly parser = new ReplyParser();
  private waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | undefined;
  private failure: RedNodeError | undefined;

  constructor(
    readonly endpoint: Endpoint,
    private readonly write: (bytes: Uint8Array) => void,
  ) {}

  send(words: CommandWords, { timeoutMs }: { readonly timeoutMs: number }): Promise<Reply> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(cannotConnect(this.endpoint, new Error(`no reply within ${timeoutMs} ms`)));
      }, timeoutMs);
      this.waiting = {
        resolve: (reply) => {
          clearTimeout(timer);
          resolve(reply);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.write(encodeCommand(words));
    });
  }

  receive(bytes: Uint8Array, length: number): void {
    this.parser.feed(Buffer.from(bytes.subarray(0, length)));
    for (let reply = this.parser.next(); reply !== undefined; reply = this.parser.next()) {
      const { waiting } = this;
      this.waiting = undefined;
      if (waiting !== undefined) waiting.resolve(reply);
      // Said before anything was asked: a server that refuses the connection says why before it hangs up.
      else
        throw new Error(reply.type === 'error' ? reply.value : `a reply of type ${reply.type} that nobody asked for`);
    }
  }

  lost(error: RedNodeError): void {
    this.failure = cannotConnect(this.endpoint, new Error(messageOf(error.cause ?? error)));
    this.waiting?.reject(this.failure);
  }
}
