/** COMMAND and its subcommands: the table, told over the wire from the same declarations that run it. */
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { many, oneOf, option, optional, pattern, string, type Argument } from './arguments.js';
import { arityAccepts, keyPositions, type Command, type CommandDeclaration } from './command.js';
import { categoriesOf } from './categories.js';
import type { CommandContext } from './context.js';
import { keyFlagsIn, keySpecs } from './key-access.js';
import { compileGlob } from '../glob.js';
import { SYNTAX_ERROR } from './replies.js';

function tips(command: Command): string[] {
  return [
    ...(command.requestPolicy === undefined ? [] : [`request_policy:${command.requestPolicy}`]),
    ...(command.responsePolicy === undefined ? [] : [`response_policy:${command.responsePolicy}`]),
  ];
}

function writeSimpleSet(reply: ReplyWriter, words: readonly string[]): void {
  reply.set(words.length);
  for (const word of words) reply.simple(word);
}

function writeCommand(reply: ReplyWriter, command: Command): void {
  reply.array(10);
  reply.bulkText(command.wireName);
  reply.integer(command.arity);
  writeSimpleSet(
    reply,
    command.flags.filter((flag) => flag !== 'session'),
  );
  reply.integer(command.keys.first);
  reply.integer(command.keys.last);
  reply.integer(command.keys.step);
  writeSimpleSet(reply, categoriesOf(command));
  const commandTips = tips(command);
  reply.array(commandTips.length);
  for (const tip of commandTips) reply.bulkText(tip);
  writeKeySpecs(reply, command);
  reply.array(command.subcommands.length);
  for (const subcommand of command.subcommands) writeCommand(reply, subcommand);
}

/** Redis 7's key specifications; ours all begin at an index and run over a range. */
function writeKeySpecs(reply: ReplyWriter, command: Command): void {
  const specs = keySpecs(command);
  reply.array(specs.length);
  for (const { notes, flags: keyFlags, index, last, step } of specs) {
    reply.map(notes === undefined ? 3 : 4);
    if (notes !== undefined) {
      reply.bulkText('notes');
      reply.bulkText(notes);
    }
    reply.bulkText('flags');
    writeSimpleSet(reply, keyFlags);
    reply.bulkText('begin_search');
    writeSpec(reply, 'index', { index });
    reply.bulkText('find_keys');
    writeSpec(reply, 'range', { lastkey: last, keystep: step, limit: 0 });
  }
}

function writeSpec(reply: ReplyWriter, type: string, spec: Readonly<Record<string, number>>): void {
  reply.map(2);
  reply.bulkText('type');
  reply.bulkText(type);
  reply.bulkText('spec');
  const fields = Object.entries(spec);
  reply.map(fields.length);
  for (const [name, value] of fields) {
    reply.bulkText(name);
    reply.integer(value);
  }
}

function writeDocs(reply: ReplyWriter, command: Command): void {
  const { subcommands } = command;
  const texts: [string, string][] = [
    ['summary', command.summary],
    ['since', command.since],
    ['group', command.group],
    ...(command.complexity === undefined ? [] : ([['complexity', command.complexity]] as [string, string][])),
  ];
  const lists = (command.arguments.length > 0 ? 1 : 0) + (subcommands.length > 0 ? 1 : 0);
  reply.map(texts.length + lists);
  for (const [name, text] of texts) {
    reply.bulkText(name);
    reply.bulkText(text);
  }
  if (command.arguments.length > 0) {
    reply.bulkText('arguments');
    writeArguments(reply, command.arguments);
  }
  if (subcommands.length > 0) {
    reply.bulkText('subcommands');
    writeDocsOf(reply, subcommands);
  }
}

function writeDocsOf(reply: ReplyWriter, commands: readonly Command[]): void {
  reply.map(commands.length);
  for (const command of commands) {
    reply.bulkText(command.wireName);
    writeDocs(reply, command);
  }
}

function writeArguments(reply: ReplyWriter, parts: readonly Argument[]): void {
  reply.array(parts.length);
  for (const part of parts) writeArgument(reply, part);
}

function writeArgument(reply: ReplyWriter, part: Argument): void {
  const flags = [...(part.optional === true ? ['optional'] : []), ...(part.multiple === true ? ['multiple'] : [])];
  const isValue = part.kind !== 'oneof' && part.kind !== 'block' && part.kind !== 'pure-token';
  const isKey = part.kind === 'key';
  const fields = 2 + Number(isValue) + Number(isKey) + Number(part.token !== undefined) + Number(flags.length > 0);
  reply.map(fields + Number('arguments' in part));
  reply.bulkText('name');
  reply.bulkText(part.name);
  reply.bulkText('type');
  reply.bulkText(part.kind);
  if (isValue) {
    reply.bulkText('display_text');
    reply.bulkText(part.name);
  }
  if (isKey) {
    reply.bulkText('key_spec_index');
    reply.integer(0);
  }
  if (part.token !== undefined) {
    reply.bulkText('token');
    reply.bulkText(part.token);
  }
  if (flags.length > 0) {
    reply.bulkText('flags');
    reply.array(flags.length);
    for (const flag of flags) reply.simple(flag);
  }
  if ('arguments' in part) {
    reply.bulkText('arguments');
    writeArguments(reply, part.arguments);
  }
}

/** The commands that arguments from `index` on name (`client|list`); undefined for an unknown one. */
function namedCommands({ node }: CommandContext, request: Request, index: number): (Command | undefined)[] {
  const found: (Command | undefined)[] = [];
  for (let i = index; i < request.argc; i++) {
    const words = request.text(i).split('|');
    const command = node.commands.find(words);
    const isWhole = command !== undefined && (words.length === 1) === (command.parent === undefined);
    found.push(isWhole ? command : undefined);
  }
  return found;
}

function all({ node }: CommandContext, _request: Request, reply: ReplyWriter): void {
  const commands = node.commands.all();
  reply.array(commands.length);
  for (const command of commands) writeCommand(reply, command);
}

function info(context: CommandContext, request: Request, reply: ReplyWriter): void {
  if (request.argc === 2) {
    all(context, request, reply);
    return;
  }
  const commands = namedCommands(context, request, 2);
  reply.array(commands.length);
  for (const command of commands) {
    if (command === undefined) reply.nullBulk();
    else writeCommand(reply, command);
  }
}

function docs(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const commands = request.argc === 2 ? context.node.commands.all() : namedCommands(context, request, 2);
  writeDocsOf(
    reply,
    commands.filter((command) => command !== undefined),
  );
}

interface NamedKeys {
  readonly command: Command;
  /** The command and its arguments, as they stand behind the subcommand. */
  readonly words: readonly Buffer[];
  readonly positions: readonly number[];
}

/** The keys of the command that is asked about; undefined after an error reply. */
function keysAskedFor({ node }: CommandContext, request: Request, reply: ReplyWriter): NamedKeys | undefined {
  const words = request.copyArguments().slice(2);
  const command = node.commands.find(words);
  if (command === undefined) reply.error('ERR Invalid command specified');
  else if (command.keys.first === 0) reply.error('ERR The command has no key arguments');
  else if (arityAccepts(command, words.length)) {
    return { command, words, positions: keyPositions(command, words.length) };
  } else reply.error('ERR Invalid number of arguments specified for command');
  return undefined;
}

function getKeys(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const asked = keysAskedFor(context, request, reply);
  if (asked === undefined) return;
  reply.array(asked.positions.length);
  for (const position of asked.positions) reply.bulk(asked.words[position], 0, asked.words[position].length);
}

function getKeysAndFlags(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const asked = keysAskedFor(context, request, reply);
  if (asked === undefined) return;
  const { command, words, positions } = asked;
  reply.array(positions.length);
  for (const position of positions) {
    reply.array(2);
    reply.bulk(words[position], 0, words[position].length);
    writeSimpleSet(reply, keyFlagsIn(command, words, position));
  }
}

/** The filter of COMMAND LIST; undefined after an error reply. */
function listFilter(request: Request, reply: ReplyWriter): ((command: Command) => boolean) | undefined {
  if (request.argc === 2) return () => true;
  if (request.argc === 5 && request.is(2, 'FILTERBY')) {
    const value = request.text(4).toLowerCase();
    if (request.is(3, 'MODULE')) return () => false;
    if (request.is(3, 'ACLCAT')) return (command) => categoriesOf(command).includes(`@${value}`);
    if (request.is(3, 'PATTERN')) {
      const glob = compileGlob(Buffer.from(value));
      return (command) => {
        const name = Buffer.from(command.wireName);
        return glob.matches(name, 0, name.length);
      };
    }
  }
  reply.error(SYNTAX_ERROR);
  return undefined;
}

function list({ node }: CommandContext, request: Request, reply: ReplyWriter): void {
  const filter = listFilter(request, reply);
  if (filter === undefined) return;
  const names: string[] = [];
  for (const command of node.commands.all()) {
    for (const candidate of [command, ...command.subcommands]) if (filter(candidate)) names.push(candidate.wireName);
  }
  reply.array(names.length);
  for (const name of names) reply.bulkText(name);
}

const flags = ['loading', 'stale'] as const;

export const introspectionCommands: readonly CommandDeclaration[] = [
  {
    name: 'COMMAND',
    summary: 'Returns detailed information about all commands.',
    since: '2.8.13',
    group: 'server',
    complexity: 'O(N) where N is the total number of commands',
    flags,
    arity: -1,
    handler: all,
    subcommands: [
      {
        name: 'COUNT',
        summary: 'Returns a count of commands.',
        since: '2.8.13',
        group: 'server',
        complexity: 'O(1)',
        flags,
        handler: ({ node }, _request, reply) => {
          reply.integer(node.commands.all().length);
        },
      },
      {
        name: 'DOCS',
        summary: 'Returns documentary information about one, multiple or all commands.',
        since: '7.0.0',
        group: 'server',
        complexity: 'O(N) where N is the number of commands to look up',
        flags,
        arguments: [optional(many(string('command-name')))],
        handler: docs,
      },
      {
        name: 'GETKEYS',
        summary: 'Extracts the key names from an arbitrary command.',
        since: '2.8.13',
        group: 'server',
        complexity: 'O(N) where N is the number of arguments to the command',
        flags,
        arguments: [string('command'), optional(many(string('arg')))],
        arity: -4,
        handler: getKeys,
      },
      {
        name: 'GETKEYSANDFLAGS',
        summary: 'Extracts the key names and access flags for an arbitrary command.',
        since: '7.0.0',
        group: 'server',
        complexity: 'O(N) where N is the number of arguments to the command',
        flags,
        arguments: [string('command'), optional(many(string('arg')))],
        arity: -4,
        handler: getKeysAndFlags,
      },
      {
        name: 'INFO',
        summary: 'Returns information about one, multiple or all commands.',
        since: '2.8.13',
        group: 'server',
        complexity: 'O(N) where N is the number of commands to look up',
        flags,
        arguments: [optional(many(string('command-name')))],
        handler: info,
      },
      {
        name: 'LIST',
        summary: 'Returns a list of command names.',
        since: '7.0.0',
        group: 'server',
        complexity: 'O(N) where N is the total number of commands',
        flags,
        arguments: [
          optional(
            option(
              'FILTERBY',
              oneOf(
                'filterby',
                option('MODULE', string('module-name')),
                option('ACLCAT', string('category')),
                option('PATTERN', pattern()),
              ),
            ),
          ),
        ],
        handler: list,
      },
    ],
  },
];
