/**
 * MULTI for a client of many connections: a transaction has one of its own, to the node of its first key, so that nothing
 * else the client does meanwhile gets into it. In a cluster MULTI is sent with that first key; what has no key waits for it.
 */
import { arityAccepts, keyPositions, type Command } from '../command-table/command.js';
import { ExitCode, RedNodeError } from '../errors.js';
import type { Reply } from '../resp/reply.js';
import { slotOfKey } from '../topology/slots.js';
import { wasLostMidway } from './connection-errors.js';
import type { CommandLookup } from './plan.js';
import type { ClientNode, CommandWords, RoutedReply } from './types.js';
import { nameOf } from './words.js';

/** A connection of the transaction's own. */
export interface PinnedConnection {
  readonly node: ClientNode;
  /** Rejects as `Connection.send`. */
  send(words: CommandWords): Promise<Reply>;
  readonly isOpen: boolean;
  close(): Promise<void>;
}

export interface TransactionParts {
  readonly table: CommandLookup;
  readonly isCluster: () => boolean;
  /** To the master of a slot, or to any. */
  readonly open: (slot: number | undefined) => Promise<PinnedConnection>;
  readonly ownerOf: (slot: number) => ClientNode | undefined;
}

const CROSS_SLOT = "CROSSSLOT Keys in request don't hash to the same slot";
const ABORTED = 'EXECABORT Transaction discarded because of previous errors.';
const VERBS: ReadonlySet<string> = new Set(['MULTI', 'EXEC', 'DISCARD', 'WATCH', 'UNWATCH']);

type Answer = Pick<RoutedReply, 'reply' | 'nodes'>;

export class ClientTransaction {
  private pinned: PinnedConnection | undefined;
  private isQueueing = false;
  /** Something could not be queued that the node does not know of: EXEC has to fail. */
  private isSpoiled = false;
  private slot: number | undefined;
  /** Commands without keys that came before the first key. */
  private held: CommandWords[] = [];

  constructor(private readonly parts: TransactionParts) {}

  /** Between MULTI and EXEC or DISCARD. */
  get isOpen(): boolean {
    return this.isQueueing;
  }

  /** Also while keys are watched. */
  get isActive(): boolean {
    return this.isQueueing || this.pinned !== undefined;
  }

  /** Whether a command is the transaction's, and not to be sent as usual. */
  takes(words: CommandWords): boolean {
    return this.isQueueing || (VERBS.has(nameOf(words)) && this.isWellFormed(words));
  }

  /** @throws RedNodeError TRANSACTION_LOST when its connection broke; as `Connection.connect` and `send` */
  async execute(words: CommandWords): Promise<RoutedReply> {
    const startedAtMs = performance.now();
    const answer = await this.answer(words);
    return { ...answer, elapsedMs: performance.now() - startedAtMs };
  }

  private isWellFormed(words: CommandWords): boolean {
    const command = this.parts.table.find(words);
    return command !== undefined && arityAccepts(command, words.length);
  }

  private answer(words: CommandWords): Promise<Answer> {
    const name = this.isWellFormed(words) ? nameOf(words) : '';
    switch (name) {
      case 'MULTI':
        return this.begin(words);
      case 'EXEC':
        return this.finish(words);
      case 'DISCARD':
        return this.finish(words);
      case 'WATCH':
        return this.watch(words);
      case 'UNWATCH':
        return this.isQueueing ? this.queue(words) : this.finish(words);
      default:
        return this.queue(words);
    }
  }

  private async begin(words: CommandWords): Promise<Answer> {
    if (this.isQueueing) return local(error('ERR MULTI calls can not be nested'));
    if (!this.parts.isCluster()) await this.pin(undefined);
    const answer = this.pinned === undefined ? local(simple('OK')) : await this.send(words);
    this.isQueueing = true;
    return answer;
  }

  private async watch(words: CommandWords): Promise<Answer> {
    if (this.isQueueing) return local(error('ERR WATCH inside MULTI is not allowed'));
    const slot = this.slotOf(words);
    if (slot === 'several') return local(error(CROSS_SLOT));
    if (this.pinned === undefined) await this.pin(slot);
    else if (this.isElsewhere(slot)) return local(error(CROSS_SLOT));
    return this.send(words);
  }

  private async queue(words: CommandWords): Promise<Answer> {
    const slot = this.slotOf(words);
    if (slot === 'several' || (slot !== undefined && this.slot !== undefined && slot !== this.slot)) {
      this.isSpoiled = true;
      return local(error(CROSS_SLOT));
    }
    if (slot === undefined && this.pinned === undefined) {
      this.held.push(words);
      return local(simple('QUEUED'));
    }
    this.slot ??= slot;
    await this.start(slot);
    return this.send(words);
  }

  /** Sends MULTI and what was held to the node that the transaction goes to, unless that has been done. */
  private async start(slot: number | undefined): Promise<void> {
    if (this.pinned !== undefined) return;
    await this.pin(slot);
    await this.send(['MULTI']);
    for (const words of this.held.splice(0)) await this.send(words);
  }

  /** EXEC, DISCARD and UNWATCH: the connection is given up whatever comes of it. */
  private async finish(words: CommandWords): Promise<Answer> {
    const name = nameOf(words);
    if (!this.isQueueing && name !== 'UNWATCH') return local(error(`ERR ${name} without MULTI`));
    try {
      return await (name === 'EXEC' ? this.run(words) : this.giveUp(words));
    } finally {
      await this.reset();
    }
  }

  private async run(words: CommandWords): Promise<Answer> {
    if (this.isSpoiled) return local(error(ABORTED));
    await this.start(undefined);
    try {
      return await this.send(words);
    } catch (cause) {
      throw wasLostMidway(cause) ? outcomeUnknown(cause) : cause;
    }
  }

  /** There is nothing to tell a node that has forgotten it all. */
  private async giveUp(words: CommandWords): Promise<Answer> {
    return this.pinned?.isOpen === true ? this.send(words) : local(simple('OK'));
  }

  /** Forgets everything; the node discards what it has when the connection closes. */
  async reset(): Promise<void> {
    const { pinned } = this;
    this.pinned = undefined;
    this.isQueueing = this.isSpoiled = false;
    this.slot = undefined;
    this.held = [];
    await pinned?.close();
  }

  private async pin(slot: number | undefined): Promise<void> {
    this.pinned ??= await this.parts.open(slot);
  }

  private async send(words: CommandWords): Promise<Answer> {
    const { pinned } = this;
    if (pinned?.isOpen !== true) throw lost(this.isQueueing);
    return { reply: await pinned.send(words), nodes: [pinned.node.name] };
  }

  /** Slots do not matter outside of a cluster. */
  private slotOf(words: CommandWords): number | 'several' | undefined {
    const command: Command | undefined = this.parts.table.find(words);
    if (command === undefined || !this.parts.isCluster()) return undefined;
    const slots = new Set(keyPositions(command, words.length).map((position) => slotOfKey(words[position])));
    if (slots.size > 1) return 'several';
    return [...slots].at(0);
  }

  private isElsewhere(slot: number | undefined): boolean {
    if (slot === undefined) return false;
    return this.parts.ownerOf(slot)?.name !== this.pinned?.node.name;
  }
}

/** What no node was asked for. */
function local(reply: Reply): Answer {
  return { reply, nodes: [] };
}

function simple(value: string): Reply {
  return { type: 'simple', value };
}

function error(value: string): Reply {
  return { type: 'error', value };
}

function outcomeUnknown(cause: RedNodeError): RedNodeError {
  const what = 'EXEC was on its way when the connection broke: its outcome is unknown, and it was not repeated';
  return new RedNodeError('OUTCOME_UNKNOWN', what, ExitCode.unreachable, {
    hint: 'look at the data, then decide whether to do it again',
    context: { reason: cause.message },
    cause,
  });
}

function lost(isQueueing: boolean): RedNodeError {
  const what = isQueueing ? 'the transaction was lost with its connection' : 'the watched keys were forgotten';
  return new RedNodeError('TRANSACTION_LOST', `${what}: nothing of it was executed`, ExitCode.unreachable, {
    hint: 'discard, then begin again',
  });
}
