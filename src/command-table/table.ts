/** The table of commands: lookup by the bytes of a request without making a string, and by words for clients. */
import type { Request } from '../resp/request.js';
import { deriveCommand, type Command, type CommandDeclaration } from './command.js';
import type { CommandTablePort } from './context.js';

type Words = readonly (string | Uint8Array)[];

const FNV_PRIME = 0x01000193;
const FNV_OFFSET = 0x811c9dc5 | 0;
/** Clears the bit in which ASCII letters differ by case; applied to names only, where collisions do not matter. */
const UPPER_CASE_MASK = 0xdf;

/** One level of names (commands, or the subcommands of one): open addressing by a case-blind hash. */
class NameIndex {
  private readonly slots: (Command | undefined)[];
  private readonly mask: number;

  constructor(commands: readonly Command[]) {
    let capacity = 8;
    while (capacity < commands.length * 2) capacity *= 2;
    this.slots = new Array<Command | undefined>(capacity).fill(undefined);
    this.mask = capacity - 1;
    for (const command of commands) {
      let hash = FNV_OFFSET;
      for (let i = 0; i < command.name.length; i++) hash = mix(hash, command.name.charCodeAt(i));
      let position = fold(hash) & this.mask;
      while (this.slots[position] !== undefined) position = (position + 1) & this.mask;
      this.slots[position] = command;
    }
  }

  find(request: Request, index: number): Command | undefined {
    const { buffer } = request;
    const start = request.offsets[index];
    const end = start + request.lengths[index];
    let hash = FNV_OFFSET;
    for (let i = start; i < end; i++) hash = mix(hash, buffer[i]);
    for (let position = fold(hash) & this.mask; ; position = (position + 1) & this.mask) {
      const command = this.slots[position];
      if (command === undefined || request.is(index, command.name)) return command;
    }
  }
}

function mix(hash: number, byte: number): number {
  return Math.imul(hash ^ (byte & UPPER_CASE_MASK), FNV_PRIME);
}

function fold(hash: number): number {
  return hash ^ (hash >>> 15);
}

/** `CLIENT HELP` and its like follow from the other subcommands. */
function withHelp(declaration: CommandDeclaration): CommandDeclaration {
  if (declaration.subcommands === undefined) return declaration;
  const help: CommandDeclaration = {
    name: 'HELP',
    summary: `Returns helpful text about the different subcommands of ${declaration.name}.`,
    since: '5.0.0',
    group: declaration.group,
    flags: ['loading', 'stale'],
    handler(_context, _request, reply) {
      const lines = helpLines(declaration);
      reply.array(lines.length);
      for (const line of lines) reply.simple(line);
    },
  };
  return { ...declaration, subcommands: [...declaration.subcommands, help] };
}

function helpLines(declaration: CommandDeclaration): string[] {
  const derived = deriveCommand(declaration, () => 0);
  const lines = [`${declaration.name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`];
  for (const subcommand of derived.subcommands) {
    lines.push(subcommand.syntax.slice(declaration.name.length + 1), `    ${subcommand.summary}`);
  }
  return [...lines, 'HELP', '    Print this help.'];
}

export class CommandTable implements CommandTablePort {
  private readonly commands: readonly Command[];
  private readonly byName = new Map<string, Command>();
  private readonly index: NameIndex;
  private readonly subcommandIndexes = new Map<Command, NameIndex>();
  /** Number of commands and subcommands: ids are below it. */
  readonly idCount: number;

  constructor(declarations: readonly CommandDeclaration[]) {
    let ids = 0;
    this.commands = declarations.map((declaration) => deriveCommand(withHelp(declaration), () => ids++));
    this.idCount = ids;
    this.index = new NameIndex(this.commands);
    for (const command of this.commands) {
      this.byName.set(command.name, command);
      if (command.subcommands.length > 0) this.subcommandIndexes.set(command, new NameIndex(command.subcommands));
    }
  }

  /** All commands, without their subcommands. */
  all(): readonly Command[] {
    return this.commands;
  }

  /** All commands and their subcommands. */
  *withSubcommands(): Iterable<Command> {
    for (const command of this.commands) yield* [command, ...command.subcommands];
  }

  /** The command that these words call: the subcommand where there is one, the container itself where the second word is missing or unknown. */
  find(words: Words): Command | undefined {
    const command = this.byName.get(upperCase(words[0]));
    if (command === undefined || command.subcommands.length === 0 || words.length < 2) return command;
    const name = upperCase(words[1]);
    return command.subcommands.find((subcommand) => subcommand.name === name) ?? command;
  }

  /** The command named by the first argument of a request. */
  lookup(request: Request): Command | undefined {
    return this.index.find(request, 0);
  }

  /** The subcommand named by the second argument; `request.argc` must be at least 2. */
  lookupSubcommand(command: Command, request: Request): Command | undefined {
    return this.subcommandIndexes.get(command)?.find(request, 1);
  }
}

function upperCase(word: string | Uint8Array | undefined): string {
  if (word === undefined) return '';
  return (typeof word === 'string' ? word : Buffer.from(word).toString('latin1')).toUpperCase();
}
