/**
 * Prints what keys cost: time per set and get, bytes per key, the longest stall while filling, expiry and freeing.
 * Run: npx tsx bench/keyspace.ts [keys in millions, default 2]
 */
import { Store } from '../src/keyspace/store.js';

const KEY_BYTES = 16;
const VALUE_BYTES = 16;
const KEYS_PER_STALL_SAMPLE = 256;
const NS_PER_MS = 1e6;

const count = Math.round(Number(process.argv[2] ?? '2') * 1e6);
const value = Buffer.alloc(VALUE_BYTES, 'v');
const target = Buffer.alloc(VALUE_BYTES);
const key = Buffer.alloc(KEY_BYTES);

/** A key that looks random and is a function of its number. */
function writeKey(number: number): void {
  key.writeInt32LE(Math.imul(number, 0x9e3779b1), 0);
  key.writeInt32LE(number, 4);
  key.writeInt32LE(Math.imul(number, 0x85ebca6b), 8);
  key.writeInt32LE(~number, 12);
}

function nsPerOperation(operations: number, operate: (number: number) => void): number {
  const startedAt = performance.now();
  for (let i = 0; i < operations; i++) operate(i);
  return ((performance.now() - startedAt) * NS_PER_MS) / operations;
}

/** Numbers in an order that no cache can guess. */
const shuffled = new Uint32Array(count);
for (let i = 0; i < count; i++) shuffled[i] = (i * 2_654_435_761) % count;

const store = new Store();
const keyspace = store.keyspace(0);
store.nowMs = Date.now();

function set(number: number): void {
  writeKey(number);
  keyspace.setString(key, 0, KEY_BYTES, value, 0, VALUE_BYTES, false);
}

function fill(): { ns: number; longestStallMs: number } {
  let longestStallMs = 0;
  let sampleStart = performance.now();
  const ns = nsPerOperation(count, (i) => {
    set(i);
    if (i % KEYS_PER_STALL_SAMPLE !== 0) return;
    const now = performance.now();
    longestStallMs = Math.max(longestStallMs, now - sampleStart);
    sampleStart = now;
  });
  return { ns, longestStallMs };
}

const filled = fill();
const bytesPerKey = store.usedBytes / count;
const overwriteNs = nsPerOperation(count, (i) => {
  set(shuffled[i]);
});
let found = 0;
const getNs = nsPerOperation(count, (i) => {
  writeKey(shuffled[i]);
  const ref = keyspace.find(key, 0, KEY_BYTES);
  if (ref === 0) return;
  keyspace.copyValue(ref, target, 0);
  found++;
});
const missNs = nsPerOperation(count, (i) => {
  writeKey(shuffled[i] + count);
  if (keyspace.find(key, 0, KEY_BYTES) !== 0) found = -1;
});
if (found !== count) throw new Error(`found ${found} of ${count} keys`);
const map = new Map<string, string>();
for (let i = 0; i < count; i++) {
  writeKey(i);
  map.set(key.toString('latin1'), 'v'.repeat(VALUE_BYTES));
}
const mapGetNs = nsPerOperation(count, (i) => {
  writeKey(shuffled[i]);
  target.write(map.get(key.toString('latin1')) ?? '', 'latin1');
});
map.clear();
const keyLoopNs = nsPerOperation(count, (i) => {
  writeKey(shuffled[i]);
});
const deadline = store.nowMs + 1000;
const expireNs = nsPerOperation(count, (i) => {
  writeKey(shuffled[i]);
  keyspace.setDeadline(key, 0, KEY_BYTES, keyspace.findForWrite(key, 0, KEY_BYTES), deadline + (shuffled[i] & 0xffff));
});
const half = count >>> 1;
const expireStartedAt = performance.now();
let expired = 0;
let longestSliceMs = 0;
while (expired < half) {
  const sliceStart = performance.now();
  expired += store.expireDue(deadline + 0x10000, 1, () => undefined);
  longestSliceMs = Math.max(longestSliceMs, performance.now() - sliceStart);
}
const expiredNs = ((performance.now() - expireStartedAt) * NS_PER_MS) / expired;
keyspace.clear();
const freeStartedAt = performance.now();
while (store.freeSome(1));
const freeMs = performance.now() - freeStartedAt;

const figures: readonly (readonly [string, number, string])[] = [
  ['keys', count, ''],
  ['insert', filled.ns, 'ns'],
  ['overwrite, random order', overwriteNs, 'ns'],
  ['get + copy, random order', getNs, 'ns'],
  ['the same with a Map of strings', mapGetNs, 'ns'],
  ['get of an absent key', missNs, 'ns'],
  ['(of which making the key)', keyLoopNs, 'ns'],
  ['find + set a deadline', expireNs, 'ns'],
  ['expire a key', expiredNs, 'ns'],
  ['bytes per key', bytesPerKey, ''],
  [`longest stall in ${KEYS_PER_STALL_SAMPLE} inserts`, filled.longestStallMs, 'ms'],
  ['longest expiry slice of 1 ms', longestSliceMs, 'ms'],
  ['freeing the rest after clear()', freeMs, 'ms'],
  ['bytes left', store.usedBytes, ''],
];
for (const [name, figure, unit] of figures) console.log(name.padEnd(34), figure.toFixed(1).padStart(14), unit);
