/** Arbitrary replies for property tests, how they are written, and what they look like to a RESP2 client. */
import fc from 'fast-check';
import { formatDouble } from '../../src/resp/format-double.js';
import type { ReplyWriter } from '../../src/resp/reply-writer.js';
import type { Reply } from '../../src/resp/reply.js';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[\r\n]/g, ' '));
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'binary' });

const int64 = fc.bigInt({ min: INT64_MIN, max: INT64_MAX }).map(smallestInteger);
const scalar: fc.Arbitrary<Reply> = fc.oneof(
  line.map((value): Reply => ({ type: 'simple', value })),
  line.map((value): Reply => ({ type: 'error', value })),
  fc.oneof(fc.integer(), fc.maxSafeInteger(), int64).map((value): Reply => ({ type: 'integer', value })),
  bytes.map((value): Reply => ({ type: 'bulk', value })),
  fc.constant<Reply>({ type: 'null' }),
  fc.double().map((value): Reply => ({ type: 'double', value })),
  fc.boolean().map((value): Reply => ({ type: 'boolean', value })),
  fc.bigInt().map((value): Reply => ({ type: 'bignumber', value })),
  text.map((value): Reply => ({ type: 'verbatim', format: 'txt', value: Buffer.from(value) })),
);

/** Any reply, nested a few levels deep. */
export const anyReply: fc.Arbitrary<Reply> = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc
      .tuple(fc.constantFrom('array', 'set', 'push'), fc.array(tie('reply'), { maxLength: 5 }))
      .map(([type, items]): Reply => ({ type, items })),
    fc
      .array(fc.tuple(tie('reply'), tie('reply')), { maxLength: 4 })
      .map((entries): Reply => ({ type: 'map', entries })),
  ),
})).reply;

function smallestInteger(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** Writes a reply, whichever type it is. */
export function writeReply(writer: ReplyWriter, reply: Reply): void {
  switch (reply.type) {
    case 'simple':
      writer.simple(reply.value);
      break;
    case 'error':
      writer.error(reply.value);
      break;
    case 'integer':
      writer.integer(reply.value);
      break;
    case 'bulk':
      writer.bulk(reply.value, 0, reply.value.length);
      break;
    case 'null':
      writer.nullBulk();
      break;
    case 'double':
      writer.double(reply.value);
      break;
    case 'boolean':
      writer.boolean(reply.value);
      break;
    case 'bignumber':
      writer.bigNumber(reply.value);
      break;
    case 'verbatim':
      writer.verbatim(reply.format, reply.value.toString());
      break;
    case 'map':
      writer.map(reply.entries.length);
      for (const entry of reply.entries) for (const part of entry) writeReply(writer, part);
      break;
    default:
      writer[reply.type](reply.items.length);
      for (const item of reply.items) writeReply(writer, item);
  }
}

/** What a RESP2 client sees of a reply. */
export function resp2Image(reply: Reply): Reply {
  switch (reply.type) {
    case 'double':
      return { type: 'bulk', value: Buffer.from(formatDouble(reply.value)) };
    case 'boolean':
      return { type: 'integer', value: reply.value ? 1 : 0 };
    case 'bignumber':
      return { type: 'bulk', value: Buffer.from(reply.value.toString()) };
    case 'verbatim':
      return { type: 'bulk', value: reply.value };
    case 'map':
      return { type: 'array', items: reply.entries.flat().map(resp2Image) };
    case 'array':
    case 'set':
    case 'push':
      return { type: 'array', items: reply.items.map(resp2Image) };
    default:
      return reply;
  }
}
