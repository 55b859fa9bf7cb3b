/**
 * Reading sockets into one buffer that all connections share: without it the runtime allocates 64 KiB per read, and a
 * Buffer around what came. `net.connect` offers this as `onread`; a server's sockets take the same option when they are
 * made anew around the accepted handle, which has no public name.
 */
import { Socket, type SocketConstructorOpts } from 'node:net';

/** Large enough for a pipeline of values of 16 KiB; only what is read is touched. */
const SHARED_BYTES = 256 * 1024;

/** The memory is reused as soon as this returns. */
export type ChunkListener = (bytes: Buffer, length: number) => void;

interface SocketWithHandle {
  _handle: object | null;
}

/** Options of the constructor that the types leave out; `onread` is documented with `net.connect`. */
interface HandleOptions extends SocketConstructorOpts {
  readonly handle: object;
  readonly onread: { readonly buffer: Uint8Array; readonly callback: (length: number) => boolean };
}

const shared = Buffer.allocUnsafeSlow(SHARED_BYTES);

/**
 * Takes over an accepted, paused socket and passes on what it receives. Returns the socket to go on with; it has to be
 * resumed. Falls back to `data` events where the handle cannot be had (a future runtime).
 */
export function readInPlace(accepted: Socket, onChunk: ChunkListener): Socket {
  const owner = accepted as unknown as Partial<SocketWithHandle>;
  const { _handle: handle } = owner;
  if (typeof handle !== 'object' || handle === null || !('useUserBuffer' in handle))
    return readChunks(accepted, onChunk);
  const callback = (length: number): boolean => {
    onChunk(shared, length);
    return true;
  };
  const options: HandleOptions = { handle, onread: { buffer: shared, callback } };
  // Without its handle the accepted socket is an empty shell: destroying it takes it off the server's count of connections.
  owner._handle = null;
  accepted.destroy();
  return new Socket(options);
}

/** Passes on what a socket receives in chunks of its own memory: for TLS, which decrypts into them. */
export function readChunks(socket: Socket, onChunk: ChunkListener): Socket {
  socket.on('data', (chunk: Buffer) => {
    onChunk(chunk, chunk.length);
  });
  return socket;
}
