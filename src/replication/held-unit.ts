/** The commands of the stream between MULTI and EXEC, held until all of them are there. */
import { DecodeResult, RequestDecoder } from '../resp/request-decoder.js';
import type { Request } from '../resp/request.js';

export class HeldUnit {
  private readonly frames: Buffer[] = [];

  /** Keeps a copy of a command, MULTI and EXEC included. */
  add({ buffer, frameStart, frameEnd }: Request): void {
    this.frames.push(Buffer.from(buffer.subarray(frameStart, frameEnd)));
  }

  /** All that was kept, as it came. */
  bytes(): Buffer {
    return Buffer.concat(this.frames);
  }

  /** Gives back the commands between MULTI and EXEC, one by one. */
  replay(visit: (request: Request) => void): void {
    const decoder = new RequestDecoder();
    for (const frame of this.frames.slice(1, -1)) {
      decoder.feed(frame);
      if (decoder.next() === DecodeResult.request) visit(decoder.request);
    }
  }
}
