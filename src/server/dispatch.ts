/** From a decoded request to its reply: lookup, gates, handler, and the effect of a write into the log. */
import { commandTable } from '../command-table/index.js';
import type { Command, Handler } from '../command-table/command.js';
import type { CommandContext, EffectPort } from '../command-table/context.js';
import { messageOf, RedNodeError } from '../errors.js';
import { OutOfMemoryError } from '../keyspace/errors.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { gatesFor, type Gate } from './gates.js';
import type { Instance } from './instance.js';
import type { Session } from './session.js';

/** Redis shows this much of an unknown command, and of all its arguments together. */
const SHOWN_NAME_CHARACTERS = 128;
const SHOWN_ARGUMENT_CHARACTERS = 128;

/** Effects that a handler put in place of its request. */
class Effect implements EffectPort {
  readonly commands: (readonly (string | Uint8Array)[])[] = [];
  isRecording = false;

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
  /** Calls per command id. */
  readonly calls = new Float64Array(commandTable.idCount);
  private readonly context: Context;
  private readonly discarded = new ReplyWriter();

  constructor(private readonly instance: Instance) {
    this.context = new Context(instance);
    for (const command of commandTable.all()) {
      for (const entry of [command, ...command.subcommands]) this.gates[entry.id] = gatesFor(entry);
    }
  }

  /** Runs one request of a client and appends its reply. */
  run(session: Session, request: Request, found: Command | undefined, reply: ReplyWriter): void {
    const { instance } = this;
    instance.statistics.commandsProcessed++;
    session.lastActiveMs = instance.nowMs;
    const command = this.resolve(found, request, reply);
    if (command === undefined) return;
    session.lastCommand = command.wireName;
    for (const gate of this.gates[command.id]) if (!gate(instance, session, command, request, reply)) return;
    this.calls[command.id]++;
    this.execute(command, session, request, reply);
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
    const dirty = keyspace.dirty;
    this.call(command.handler, context, request, reply);
    if (effect.isRecording && keyspace.dirty !== dirty) this.propagate(keyspace.database, effect, request);
    if (effect.commands.length > 0) effect.commands.length = 0;
  }

  /** A handler that throws has its partial reply taken back. */
  private call(handler: Handler | undefined, context: Context, request: Request, reply: ReplyWriter): void {
    const start = reply.length;
    try {
      handler?.(context, request, reply);
    } catch (error) {
      reply.length = start;
      reply.error(this.errorReply(error));
    }
  }

  private errorReply(error: unknown): string {
    if (error instanceof OutOfMemoryError) return `OOM ${error.message}`;
    if (error instanceof RedNodeError) return `ERR ${error.message}`;
    this.instance.logger.error({ err: error }, 'a command failed unexpectedly');
    return `ERR internal error: ${messageOf(error)}`;
  }

  private propagate(database: number, effect: Effect, request: Request): void {
    const { log } = this.instance.replication;
    log.selectDatabase(database);
    if (effect.commands.length > 0) for (const words of effect.commands) log.appendCommand(words);
    else if (request.isMultibulk) log.append(request.buffer, request.frameStart, request.frameEnd);
    else log.appendCommand(request.copyArguments());
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
