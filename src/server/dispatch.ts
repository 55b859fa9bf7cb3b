/** From a decoded request to its reply: lookup, gates, handler, and the effect of a write into the log. */
import { commandTable } from '../command-table/index.js';
import type { Command, Handler } from '../command-table/command.js';
import type { CommandContext, EffectPort } from '../command-table/context.js';
import { messageOf, RedNodeError } from '../errors.js';
import { KeyspaceFullError, OutOfMemoryError } from '../keyspace/errors.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { abortText, gatesFor, type Gate } from './gates.js';
import { CommandClock, LARGE_BYTES } from './command-clock.js';
import type { Instance } from './instance.js';
import { ModeRunner } from './mode-runner.js';
import { giveDefaultTtl } from './default-ttl.js';
import type { Session } from './session.js';
import { stateEffects } from './state-effects.js';
import type { QueuedCommand } from './transaction.js';

/** Redis shows this much of an unknown command, and of all its arguments together. */
const SHOWN_NAME_CHARACTERS = 128;
const SHOWN_ARGUMENT_CHARACTERS = 128;

/** First byte of an error reply. */
const ERROR_MARKER = 0x2d;

/** Effects that a handler put in place of its request. */
class Effect implements EffectPort {
  readonly commands: (readonly (string | Uint8Array)[])[] = [];
  isRecording = false;

  get isReplaced(): boolean {
    return this.commands.length > 0;
  }

  replace(...words: readonly (string | Uint8Array)[]): void {
    if (this.isRecording) this.commands.push(words);
  }
}

/** The context that handlers get: one object, its fields set anew for every command. */
class Context implements CommandContext {
  readonly effect = new Effect();
  now = 0;
  session!: Session;
  keyspace!: Keyspace;

  constructor(readonly node: Instance) {}
}

export class Dispatcher {
  private readonly gates: (readonly Gate[])[] = [];
  readonly clock: CommandClock;
  private readonly context: Context;
  private readonly discarded = new ReplyWriter();
  private readonly modes: ModeRunner;

  constructor(private readonly instance: Instance) {
    this.context = new Context(instance);
    this.clock = new CommandClock(instance, commandTable.idCount, commandTable.withSubcommands());
    this.modes = new ModeRunner(instance, this);
    for (const command of commandTable.all()) {
      for (const entry of [command, ...command.subcommands]) this.gates[entry.id] = gatesFor(entry);
    }
  }

  /** Runs one request of a client and appends its reply; false when the request has to be run again later. */
  run(session: Session, request: Request, found: Command | undefined, reply: ReplyWriter): boolean {
    if ((session.modes | this.instance.modes) !== 0) return this.modes.run(session, request, found, reply);
    const command = this.admit(session, request, found, reply);
    if (command !== undefined) this.carryOut(command, session, request, reply);
    return true;
  }

  /** The command that a request calls, if it may; undefined after an error reply. */
  admit(session: Session, request: Request, found: Command | undefined, reply: ReplyWriter): Command | undefined {
    const { instance } = this;
    instance.statistics.commandsProcessed++;
    session.lastActiveMs = instance.nowMs;
    const start = reply.length;
    const command = this.resolve(found, request, reply);
    if (command === undefined) {
      instance.statistics.countError(reply, start);
      session.openedTransaction?.refuse();
      return undefined;
    }
    session.lastCommand = command.wireName;
    if (this.passes(command, session, request, reply)) return command;
    session.openedTransaction?.refuse();
    this.clock.rejected(command);
    instance.statistics.countError(reply, start);
    return undefined;
  }

  private passes(command: Command, session: Session, request: Request, reply: ReplyWriter): boolean {
    for (const gate of this.gates[command.id]) if (!gate(this.instance, session, command, request, reply)) return false;
    return true;
  }

  /** Runs a command that was admitted, or queues it in the transaction that the session is in; whether it ran. */
  carryOut(command: Command, session: Session, request: Request, reply: ReplyWriter): boolean {
    const transaction = session.openedTransaction;
    if (transaction?.isOpen === true && command.runsInTransaction !== true) {
      transaction.enqueue(command, request, reply);
      return false;
    }
    this.invoke(command, session, request, reply);
    return true;
  }

  private invoke(command: Command, session: Session, request: Request, reply: ReplyWriter): void {
    const { clock } = this;
    const start = reply.length;
    if (clock.isPooled(command, request)) {
      this.execute(command, session, request, reply);
      if (reply.length - start < LARGE_BYTES) clock.pass(command);
      else clock.passLarge(session, command, request);
    } else {
      const startedMs = clock.begin();
      this.execute(command, session, request, reply);
      clock.measure(session, command, request, startedMs);
    }
    if (reply.length > start && reply.buffer[start] === ERROR_MARKER) {
      clock.failed(command);
      this.instance.statistics.countError(reply, start);
    }
  }

  /** Runs the commands of a transaction with nothing in between; in the log they are one unit. */
  runTogether(session: Session, queue: readonly QueuedCommand[], reply: ReplyWriter): void {
    const refusal = this.refusalOf(session, queue);
    if (refusal !== undefined) {
      reply.error(refusal);
      return;
    }
    reply.array(queue.length);
    const { log } = this.instance.replication;
    log.beginUnit();
    try {
      const { principal } = session;
      for (const { command, request } of queue) {
        const start = reply.length;
        // AUTH in between makes it another user, who may not do what the one before queued.
        if (session.principal === principal || this.passes(command, session, request, reply)) {
          this.invoke(command, session, request, reply);
          this.instance.monitors.show(session, command, request);
        }
        // Every command has its place among the replies, also one that answers nothing (CLIENT REPLY OFF).
        if (reply.length === start) reply.ok();
      }
    } finally {
      log.endUnit();
    }
    session.writeOffset = log.endOffset;
  }

  /** What forbids a transaction that was allowed when it was queued: the keys have moved, memory is full, the role has changed. */
  private refusalOf(session: Session, queue: readonly QueuedCommand[]): string | undefined {
    const { instance } = this;
    const redirection = instance.router?.checkTogether(queue, session);
    if (redirection !== undefined) return redirection;
    const answer = new ReplyWriter();
    for (const { command, request } of queue) {
      if (!this.passes(command, session, request, answer))
        return abortText(answer.view().toString('utf8', 1).trimEnd());
    }
    return undefined;
  }

  /** The command or subcommand that a request calls; undefined after an error reply. */
  private resolve(command: Command | undefined, request: Request, reply: ReplyWriter): Command | undefined {
    if (command === undefined) {
      reply.errorBytes(unknownCommand(request));
      return undefined;
    }
    if (command.subcommands.length === 0 || (request.argc === 1 && command.handler !== undefined)) return command;
    if (request.argc === 1) {
      reply.error(`ERR wrong number of arguments for '${command.wireName}' command`);
      return undefined;
    }
    const subcommand = commandTable.lookupSubcommand(command, request);
    if (subcommand === undefined) {
      reply.error(
        `ERR unknown subcommand '${request.text(1).slice(0, SHOWN_NAME_CHARACTERS)}'. Try ${command.name} HELP.`,
      );
    }
    return subcommand;
  }

  private execute(command: Command, session: Session, request: Request, reply: ReplyWriter): void {
    const { context } = this;
    const { keyspace } = session;
    context.session = session;
    context.keyspace = keyspace;
    context.now = this.instance.nowMs;
    if (!command.isWrite) {
      this.call(command.handler, context, request, reply);
      return;
    }
    const { effect } = context;
    effect.isRecording = this.instance.replication.log.isActive;
    const quota = keyspace.quota === undefined ? undefined : this.instance.activity.quotaOf(keyspace.database);
    const refusal = quota?.refusal(command, request, keyspace);
    if (refusal !== undefined) {
      reply.error(refusal);
      return;
    }
    const dirty = keyspace.dirty;
    quota?.beforeWrite(command, request, keyspace);
    const isDone = this.call(command.handler, context, request, reply);
    if (quota !== undefined) giveDefaultTtl(quota, command, request, context);
    if (!isDone && keyspace.dirty !== dirty)
      effect.commands.splice(0, Infinity, ...stateEffects(command, request, keyspace));
    if (effect.isRecording && keyspace.dirty !== dirty) this.propagate(keyspace.database, effect, request);
    if (effect.commands.length > 0) effect.commands.length = 0;
  }

  /** A handler that throws has its partial reply taken back; false then. */
  private call(handler: Handler | undefined, context: Context, request: Request, reply: ReplyWriter): boolean {
    const start = reply.length;
    try {
      handler?.(context, request, reply);
      return true;
    } catch (error) {
      reply.length = start;
      reply.error(this.errorReply(error));
      return false;
    }
  }

  private errorReply(error: unknown): string {
    if (error instanceof OutOfMemoryError || error instanceof KeyspaceFullError) return `OOM ${error.message}`;
    if (error instanceof RedNodeError) return `ERR ${error.message}`;
    this.instance.statistics.unexpectedErrors++;
    this.instance.logger.error({ err: error }, 'a command failed unexpectedly');
    return `ERR internal error: ${messageOf(error)}`;
  }

  private propagate(database: number, effect: Effect, request: Request): void {
    const { log } = this.instance.replication;
    log.selectDatabase(database);
    if (effect.commands.length > 0) for (const words of effect.commands) log.appendCommand(words);
    else if (request.isMultibulk) log.append(request.buffer, request.frameStart, request.frameEnd);
    else log.appendCommand(request.copyArguments());
    this.context.session.writeOffset = log.endOffset;
  }

  /**
   * Applies one effect of the master's stream: no gates, no reply, nothing logged anew. Throws when it cannot be run.
   * It is always 1970 for it: what has expired is deleted by the stream and by nothing else.
   */
  apply(keyspace: Keyspace, request: Request): void {
    const { context, discarded } = this;
    const command = commandTable.lookup(request);
    if (command?.handler === undefined)
      throw new Error(`unknown effect '${request.text(0)}' in the replication stream`);
    context.keyspace = keyspace;
    context.now = 0;
    context.effect.isRecording = false;
    command.handler(context, request, discarded);
    discarded.reset();
  }
}

/** In bytes, since what a client sends need not be text. */
function unknownCommand(request: Request): Buffer {
  let shown = '';
  for (let index = 1; index < request.argc && shown.length < SHOWN_ARGUMENT_CHARACTERS; index++) {
    shown += `'${request.bytes(index).toString('latin1', 0, SHOWN_ARGUMENT_CHARACTERS - shown.length)}' `;
  }
  const name = request.bytes(0).toString('latin1', 0, SHOWN_NAME_CHARACTERS);
  return Buffer.from(`ERR unknown command '${name}', with args beginning with: ${shown}`, 'latin1');
}
