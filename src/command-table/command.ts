/**
 * The declaration of a wire command, and everything derived from it.
 * One declaration serves the server (gates, handler), the client (routing, split and merge), the shell (completion,
 * hints, help) and the reference page.
 */
import type { CommandContext } from './context.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { arityOf, keyRangeOf, syntaxOf, type Argument, type KeyRange } from './arguments.js';

export type CommandGroup =
  'string' | 'bitmap' | 'generic' | 'connection' | 'server' | 'pubsub' | 'transactions' | 'cluster' | 'tenant';

/** Redis's command flags, under Redis's names. */
export type CommandFlag =
  | 'write'
  | 'readonly'
  /** May grow memory: refused when a memory limit is reached. */
  | 'denyoom'
  | 'admin'
  | 'pubsub'
  /** Not available inside scripts. */
  | 'noscript'
  | 'loading'
  | 'stale'
  | 'fast'
  /** Allowed before authentication. */
  | 'no_auth'
  | 'no_multi'
  | 'skip_slowlog'
  | 'skip_monitor'
  | 'no_async_loading'
  | 'allow_busy'
  /** Changes the mode of its connection (READONLY, AUTH): never sent to more than the connection it is for. */
  | 'session';

/**
 * How a cluster client sends a command to several shards, under the names of Redis's command tips.
 * multi_shard: split by the slot of its keys; all_shards: to every master; all_nodes: to every node.
 */
export type RequestPolicy = 'multi_shard' | 'all_shards' | 'all_nodes' | 'special';

/** How the partial replies become one. Without a policy: by key for multi_shard, concatenated for all_shards. */
export type ResponsePolicy = 'agg_sum' | 'agg_min' | 'all_succeeded' | 'one_succeeded' | 'special';

export type Handler = (context: CommandContext, request: Request, reply: ReplyWriter) => void;

export interface CommandDeclaration {
  /** Upper case; of a subcommand the last word alone (`CREATE`). */
  readonly name: string;
  readonly summary: string;
  /** The first Redis version that has it, or RedNode's for its own. */
  readonly since: string;
  readonly group: CommandGroup;
  readonly complexity?: string;
  readonly flags: readonly CommandFlag[];
  readonly arguments?: readonly Argument[];
  readonly requestPolicy?: RequestPolicy;
  readonly responsePolicy?: ResponsePolicy;
  readonly subcommands?: readonly CommandDeclaration[];
  /** Which arguments hold secrets (positions, the name being 0), so that history and logs can leave them out. */
  readonly secretFrom?: number;
  /** Overrides what follows from the grammar, where it does not. */
  readonly arity?: number;
  /** Asks on a terminal before it is run from the shell: says what is lost. */
  readonly destroys?: string;
  /** Runs between MULTI and EXEC too, where others are queued. */
  readonly runsInTransaction?: boolean;
  readonly handler?: Handler;
}

/** A declaration with all that follows from it. */
export interface Command extends CommandDeclaration {
  /** `TENANT CREATE`: what a user types. */
  readonly fullName: string;
  /** `tenant|create`: how COMMAND and error texts name it. */
  readonly wireName: string;
  readonly arguments: readonly Argument[];
  readonly arity: number;
  readonly keys: KeyRange;
  /** `SET key value [NX | XX] ...` */
  readonly syntax: string;
  readonly isWrite: boolean;
  readonly subcommands: readonly Command[];
  readonly parent: Command | undefined;
  /** Position in the table, for per-command statistics; parents and subcommands each have one. */
  readonly id: number;
}

/** Derives a command from its declaration; `nextId` numbers it and its subcommands. */
export function deriveCommand(declaration: CommandDeclaration, nextId: () => number, parent?: Command): Command {
  const nameWords = parent === undefined ? 1 : 2;
  const parts = declaration.arguments ?? [];
  const isContainer = declaration.subcommands !== undefined && declaration.subcommands.length > 0;
  const fullName = parent === undefined ? declaration.name : `${parent.name} ${declaration.name}`;
  const subcommands: Command[] = [];
  const command: Command = {
    ...declaration,
    fullName,
    wireName: fullName.toLowerCase().replace(' ', '|'),
    arguments: parts,
    arity: declaration.arity ?? (isContainer && declaration.handler === undefined ? -2 : arityOf(nameWords, parts)),
    keys: keyRangeOf(nameWords, parts),
    syntax: parts.length === 0 ? fullName : `${fullName} ${syntaxOf(parts)}`,
    isWrite: declaration.flags.includes('write'),
    subcommands,
    parent,
    id: nextId(),
  };
  for (const subcommand of declaration.subcommands ?? []) {
    subcommands.push(deriveCommand(subcommand, nextId, command));
  }
  return command;
}

/** Positions of the keys in a request of `argc` words (the name being 0); empty when the command has none. */
export function keyPositions(command: Command, argc: number): number[] {
  const { first, last, step } = command.keys;
  if (first === 0) return [];
  const end = last < 0 ? argc + last : last;
  const positions: number[] = [];
  for (let position = first; position <= end && position < argc; position += step) positions.push(position);
  return positions;
}

/** Whether a request of `argc` words has an acceptable number of them. */
export function arityAccepts(command: Command, argc: number): boolean {
  return command.arity >= 0 ? argc === command.arity : argc >= -command.arity;
}
