/** Messages of channels as an async sequence that ends by count, by time, or when it is told to. */
import type { RoutingClient } from '../client/routing-client.js';
import { ExitCode, RedNodeError } from '../errors.js';

export interface ChannelMessage {
  /** The pattern that matched, for pattern subscriptions. */
  readonly pattern: Buffer | undefined;
  readonly channel: Buffer;
  readonly message: Buffer;
}

export interface SubscriptionRequest {
  readonly channels: readonly string[];
  readonly isPattern: boolean;
  /** Ends after this many messages. */
  readonly count: number | undefined;
  /** Ends after this time: with an error when a count was asked for and not reached. */
  readonly timeoutMs: number | undefined;
}

/** Messages waiting to be printed; beyond it the subscription ends, as the reader is too slow. */
const QUEUE_MAX = 100_000;

/** Throws SERVER_ERROR, TIMEOUT, CONNECTION_LOST and SLOW_READER. `onReady` is called once the server has confirmed. */
export async function* receiveMessages(
  client: RoutingClient,
  request: SubscriptionRequest,
  signal: AbortSignal,
  onReady: () => void,
): AsyncGenerator<ChannelMessage> {
  const connection = await client.openSubscription();
  const inbox = new Inbox(signal, request.timeoutMs);
  connection.onMessage((event) => {
    if (event.kind === 'message') {
      inbox.receive({ pattern: event.pattern, channel: event.channel, message: event.payload });
    }
  });
  void connection.closed.then(() => {
    inbox.end('lost');
  });
  try {
    const reply = await connection.send([request.isPattern ? 'PSUBSCRIBE' : 'SUBSCRIBE', ...request.channels]);
    if (reply.type === 'error') throw new RedNodeError('SERVER_ERROR', reply.value, ExitCode.serverError);
    onReady();
    for (let received = 0; request.count === undefined || received < request.count; received++) {
      const message = await inbox.next();
      if (message === undefined) {
        refuseEarlyEnd(inbox.ending, request, received);
        return;
      }
      yield message;
    }
  } finally {
    inbox.end('closed');
    await connection.close();
  }
}

type Ending = 'lost' | 'timeout' | 'closed' | 'overflow';

function refuseEarlyEnd(ending: Ending | undefined, request: SubscriptionRequest, received: number): void {
  if (ending === 'lost') {
    throw new RedNodeError('CONNECTION_LOST', 'the server closed the connection', ExitCode.unreachable, {
      hint: 'rednode cluster status',
    });
  }
  if (ending === 'overflow') {
    throw new RedNodeError('SLOW_READER', `more than ${QUEUE_MAX} messages wait to be printed`, ExitCode.io);
  }
  if (ending === 'timeout' && request.count !== undefined) {
    throw new RedNodeError('TIMEOUT', `${received} of ${request.count} messages came in time`, ExitCode.timeout);
  }
}

/** Holds messages until they are asked for. */
class Inbox {
  readonly #queue: ChannelMessage[] = [];
  readonly #timer: NodeJS.Timeout | undefined;
  #wake: () => void = () => undefined;
  ending: Ending | undefined;

  constructor(signal: AbortSignal, timeoutMs: number | undefined) {
    signal.addEventListener('abort', () => {
      this.end('closed');
    });
    if (timeoutMs !== undefined) {
      this.#timer = setTimeout(() => {
        this.end('timeout');
      }, timeoutMs);
    }
  }

  receive(message: ChannelMessage): void {
    if (this.#queue.push(message) > QUEUE_MAX) this.end('overflow');
    this.#wake();
  }

  end(ending: Ending): void {
    this.ending ??= ending;
    clearTimeout(this.#timer);
    this.#wake();
  }

  /** The next message, or undefined at the end. */
  async next(): Promise<ChannelMessage | undefined> {
    while (this.#queue.length === 0 && this.ending === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#queue.shift();
  }
}
