/** Reads how long to wait, as Redis does. */
import { parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';

/** Milliseconds in argument `index`; undefined after an error reply. */
export function readTimeout(request: Request, index: number, reply: ReplyWriter): number | undefined {
  const timeoutMs = parseInt64(request.buffer, request.offsets[index], request.lengths[index]);
  if (timeoutMs === undefined) reply.error('ERR timeout is not an integer or out of range');
  else if (timeoutMs < 0) reply.error('ERR timeout is negative');
  else return Number(timeoutMs);
  return undefined;
}
