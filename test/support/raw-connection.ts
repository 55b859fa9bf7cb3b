/** A TCP client that sends bytes as they are and hands back each reply as the bytes that came, unparsed. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { replyEnd } from './reply-frames.js';

const CONNECT_TIMEOUT_MS = 5_000;
const REPLY_TIMEOUT_MS = 2_000;

export class RawConnection implements AsyncDisposable {
  private received = Buffer.alloc(0);
  private ended = false;
  private failure: Error | undefined;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    socket.on('error', (error) => {
      this.failure = error;
    });
    socket.on('close', () => {
      this.ended = true;
    });
  }

  static async open(port: number, host = '127.0.0.1'): Promise<RawConnection> {
    const socket = connect({ port, host, noDelay: true });
    const connection = new RawConnection(socket);
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) });
    } catch (error) {
      socket.destroy();
      throw new Error(`cannot connect to ${host}:${port}`, { cause: error });
    }
    return connection;
  }

  send(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  /** Whether the server has closed the connection. */
  get isClosed(): boolean {
    return this.ended;
  }

  /** Bytes that have come and belong to no reply that was asked for yet. */
  get pending(): Buffer {
    return this.received;
  }

  /** The bytes of the next `count` replies; rejects when they do not all come in time. */
  async replies(count: number, timeoutMs = REPLY_TIMEOUT_MS): Promise<Buffer[]> {
    const frames: Buffer[] = [];
    const deadline = performance.now() + timeoutMs;
    while (frames.length < count) {
      const end = replyEnd(this.received, 0);
      if (end === undefined) {
        await this.moreBytes(deadline, `reply ${frames.length + 1} of ${count}`);
        continue;
      }
      frames.push(this.received.subarray(0, end));
      this.received = this.received.subarray(end);
    }
    return frames;
  }

  async reply(timeoutMs = REPLY_TIMEOUT_MS): Promise<Buffer> {
    const [frame] = await this.replies(1, timeoutMs);
    return frame;
  }

  /** All that comes until the server closes the connection. */
  async untilClosed(timeoutMs = REPLY_TIMEOUT_MS): Promise<Buffer> {
    if (!this.ended) await once(this.socket, 'close', { signal: AbortSignal.timeout(timeoutMs) });
    const rest = this.received;
    this.received = Buffer.alloc(0);
    return rest;
  }

  close(): void {
    this.socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ended) return;
    const closed = once(this.socket, 'close');
    this.socket.destroy();
    await closed;
  }

  private async moreBytes(deadline: number, awaited: string): Promise<void> {
    const had = JSON.stringify(this.received.toString('latin1').slice(0, 200));
    if (this.failure !== undefined)
      throw new Error(`connection failed while waiting for ${awaited}`, { cause: this.failure });
    if (this.ended) throw new Error(`connection closed while waiting for ${awaited}; it had sent ${had}`);
    const patience = new AbortController();
    const timer = setTimeout(
      () => {
        patience.abort();
      },
      Math.max(1, deadline - performance.now()),
    );
    try {
      await Promise.race([
        once(this.socket, 'data', { signal: patience.signal }),
        once(this.socket, 'close', { signal: patience.signal }),
      ]);
    } catch (error) {
      if (patience.signal.aborted)
        throw new Error(`no complete ${awaited} in time; it had sent ${had}`, { cause: error });
      throw error;
    } finally {
      clearTimeout(timer);
      // Ends the waiter that lost the race.
      patience.abort();
    }
  }
}
