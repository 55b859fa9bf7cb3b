/** Byte streams for the codec's tests: cutting one at any places, and draining a decoder. */
import fc from 'fast-check';
import type { ReplyParser } from '../../src/resp/reply-parser.js';
import type { Reply } from '../../src/resp/reply.js';
import { DecodeResult, type RequestDecoder } from '../../src/resp/request-decoder.js';

/** Places to cut a stream at, as fractions of its length. */
export const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

/** The stream as chunks; each is memory of its own, as a socket's are. */
export function cutAt(stream: Buffer, fractions: readonly number[]): Buffer[] {
  const places = fractions.map((fraction) => Math.floor(fraction * stream.length)).sort((a, b) => a - b);
  const bounds = [0, ...places, stream.length];
  return bounds.slice(1).map((end, index) => Buffer.from(stream.subarray(bounds[index], end)));
}

export function cutEvery(stream: Buffer, sizeBytes: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length; at += sizeBytes) chunks.push(Buffer.from(stream.subarray(at, at + sizeBytes)));
  return chunks;
}

/**
 * All requests of a stream as copies. Each chunk is overwritten once the decoder has asked for more, which it must
 * survive.
 */
export function decodeAll(decoder: RequestDecoder, chunks: readonly Buffer[]): Buffer[][] {
  const requests: Buffer[][] = [];
  for (const chunk of chunks) {
    decoder.feed(chunk);
    while (decoder.next() === DecodeResult.request) requests.push(decoder.request.copyArguments());
    chunk.fill(0x23);
  }
  return requests;
}

/** All replies of a stream; each chunk is overwritten as in `decodeAll`. */
export function parseAll(parser: ReplyParser, chunks: readonly Buffer[]): Reply[] {
  const replies: Reply[] = [];
  for (const chunk of chunks) {
    parser.feed(chunk);
    for (let reply = parser.next(); reply !== undefined; reply = parser.next()) replies.push(reply);
    chunk.fill(0x23);
  }
  return replies;
}
