/** Commands as bytes: what a client sends, and what goes into the replication log. */
import { decimalDigits, writeDecimal } from './decimal.js';

const CR = 0x0d;
const LF = 0x0a;
const STAR = 0x2a;
const DOLLAR = 0x24;
/** Marker and CR LF around a number. */
const HEADER_FRAME_BYTES = 3;

/** One command as a RESP array of bulk strings; text is written in UTF-8. */
export function encodeCommand(words: readonly (string | Uint8Array)[]): Buffer {
  let sizeBytes = headerBytes(words.length);
  for (const word of words) {
    const length = byteLength(word);
    sizeBytes += headerBytes(length) + length + 2;
  }
  const target = Buffer.allocUnsafe(sizeBytes);
  let at = writeHeader(target, 0, STAR, words.length);
  for (const word of words) at = writeWord(target, at, word);
  return target;
}

function byteLength(word: string | Uint8Array): number {
  return typeof word === 'string' ? Buffer.byteLength(word) : word.length;
}

function headerBytes(count: number): number {
  return HEADER_FRAME_BYTES + decimalDigits(count);
}

function writeHeader(target: Buffer, at: number, marker: number, count: number): number {
  target[at] = marker;
  return writeLineEnd(target, writeDecimal(target, at + 1, count));
}

function writeWord(target: Buffer, at: number, word: string | Uint8Array): number {
  const length = byteLength(word);
  const start = writeHeader(target, at, DOLLAR, length);
  if (typeof word === 'string') target.write(word, start);
  else target.set(word, start);
  return writeLineEnd(target, start + length);
}

function writeLineEnd(target: Buffer, at: number): number {
  target[at] = CR;
  target[at + 1] = LF;
  return at + 2;
}
