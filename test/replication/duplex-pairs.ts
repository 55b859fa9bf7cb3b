/** Both ends of a link: a pair of connected loopback sockets, or of streams in memory. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Two connected TCP sockets on loopback. */
export async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const near = connect({ host: '127.0.0.1', port: address.port, noDelay: true });
  const [far] = await accepted;
  if (near.connecting) await once(near, 'connect');
  server.close();
  return [near, far];
}

/** One end of a pair in memory. What is written is copied, as a socket does, and cut into pieces of random sizes. */
class MemoryEnd extends Duplex {
  private peer: MemoryEnd | undefined;
  private resumeWriting: (() => void) | undefined;

  constructor(
    private readonly pieceBytes: () => number,
    highWaterMark: number,
  ) {
    super({ highWaterMark, allowHalfOpen: false });
  }

  connect(peer: MemoryEnd): void {
    this.peer = peer;
  }

  override _read(): void {
    const resume = this.resumeWriting;
    this.resumeWriting = undefined;
    if (resume !== undefined) setImmediate(resume);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const { peer } = this;
    if (peer === undefined || peer.destroyed) {
      done();
      return;
    }
    let wantsMore = true;
    for (let at = 0; at < chunk.length;) {
      const end = Math.min(chunk.length, at + this.pieceBytes());
      wantsMore = peer.push(Buffer.from(chunk.subarray(at, end)));
      at = end;
    }
    if (wantsMore) setImmediate(done);
    else peer.resumeWriting = done;
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { peer } = this;
    if (peer !== undefined && !peer.destroyed && !peer.readableEnded) {
      // Like a socket's: what was written before arrives before the end.
      setImmediate(() => peer.push(null));
    }
    done(error);
  }
}

export function memoryPair(
  options: { readonly pieceBytes?: () => number; readonly highWaterMark?: number } = {},
): [Duplex, Duplex] {
  const pieceBytes = options.pieceBytes ?? (() => Infinity);
  const near = new MemoryEnd(pieceBytes, options.highWaterMark ?? 16 * 1024);
  const far = new MemoryEnd(pieceBytes, options.highWaterMark ?? 16 * 1024);
  near.connect(far);
  far.connect(near);
  return [near, far];
}
