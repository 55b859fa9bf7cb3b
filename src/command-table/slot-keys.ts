/**
 * CLUSTER COUNTKEYSINSLOT and GETKEYSINSLOT. There is no index by slot, which would cost every write: the keys are walked, in
 * slices between which other connections are served. A key that is there during the whole walk is counted exactly once.
 */
import type { Keyspace } from '../keyspace/keyspace.js';
import { parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { slotOf } from '../topology/slots.js';
import { SLOT_COUNT } from '../topology/topology.js';
import type { CommandContext } from './context.js';
import { NOT_AN_INTEGER } from './replies.js';

/** Longest time that one slice keeps others waiting. */
const SLICE_MS = 1;
/** Keys between two looks at the clock: more than a segment of the table holds, so that each is read once. */
const KEYS_PER_CLOCK_CHECK = 1024;

/** The keys of one slot, found little by little. */
class SlotWalk {
  count = 0;
  readonly keys: Buffer[] = [];
  private cursor = 0;

  /** @param wanted How many keys to gather, at which the walk ends; undefined: all are counted, none is gathered. */
  constructor(
    private readonly keyspace: Keyspace,
    private readonly slot: number,
    private readonly wanted: number | undefined,
  ) {}

  /** Goes on for a slice; true at the end. */
  step(): boolean {
    const deadline = performance.now() + SLICE_MS;
    do {
      this.cursor = this.keyspace.scan(this.cursor, KEYS_PER_CLOCK_CHECK, this.visit);
      if (this.cursor === 0 || this.keys.length === this.wanted) return true;
    } while (performance.now() < deadline);
    return false;
  }

  /** @param nextTurn Lets others be served. */
  async finish(nextTurn: () => Promise<void>): Promise<void> {
    do await nextTurn();
    while (!this.step());
  }

  private readonly visit = (ref: number): void => {
    const { keyspace } = this;
    if (slotOf(keyspace.keyBuffer(ref), keyspace.keyOffset(ref), keyspace.keyLength(ref)) !== this.slot) return;
    this.count++;
    if (this.wanted !== undefined && this.keys.length < this.wanted) this.keys.push(keyspace.keyOf(ref));
  };
}

type WriteWalk = (walk: SlotWalk, reply: ReplyWriter) => void;

/** Answers at once where one slice is enough. */
function walkSlot({ session, node }: CommandContext, walk: SlotWalk, reply: ReplyWriter, write: WriteWalk): void {
  if (walk.step()) {
    write(walk, reply);
    return;
  }
  session.defer(
    walk.finish(() => node.nextTurn()),
    (_done, late) => {
      write(walk, late);
    },
  );
}

function integerAt(request: Request, index: number): number | undefined {
  const value = parseInt64(request.buffer, request.offsets[index], request.lengths[index]);
  return value === undefined ? undefined : Number(value);
}

function isSlot(value: number): boolean {
  return value >= 0 && value < SLOT_COUNT;
}

export function countKeysInSlot(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const slot = integerAt(request, 2);
  if (slot === undefined) reply.error(NOT_AN_INTEGER);
  else if (!isSlot(slot)) reply.error('ERR Invalid slot');
  else {
    walkSlot(context, new SlotWalk(context.keyspace, slot, undefined), reply, (walk, target) => {
      target.integer(walk.count);
    });
  }
}

export function getKeysInSlot(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const slot = integerAt(request, 2);
  const wanted = integerAt(request, 3);
  if (slot === undefined || wanted === undefined) reply.error(NOT_AN_INTEGER);
  else if (!isSlot(slot) || wanted < 0) reply.error('ERR Invalid slot or number of keys');
  else walkSlot(context, new SlotWalk(context.keyspace, slot, wanted), reply, writeKeys);
}

function writeKeys({ keys }: SlotWalk, reply: ReplyWriter): void {
  reply.array(keys.length);
  for (const key of keys) reply.bulk(key, 0, key.length);
}
