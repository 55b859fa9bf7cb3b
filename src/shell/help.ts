/** `help` and `help <command>` as text, from the command table. */
import { tokensOf, type Argument } from '../command-table/arguments.js';
import type { Command } from '../command-table/command.js';
import { alignColumns } from './columns.js';
import { commandOf, type CommandSource } from './command-source.js';
import type { Screen } from './screen.js';
import { findShellWord, SHELL_WORDS, type ShellWord } from './shell-words.js';
import { hangingIndent } from './wrap-words.js';

const INDENT = 2;
const MARGIN = ' '.repeat(INDENT);
const LABEL_GAP = 2;
const LISTED_SYNTAX_MAX = 48;

/** What there is: the commands by group, and the shell's own words. */
export function renderOverview(table: CommandSource, { columns, chalk }: Screen): string {
  const groups = new Map<string, string[]>();
  for (const command of table.all()) {
    const names = groups.get(command.group) ?? [];
    names.push(command.name);
    groups.set(command.group, names);
  }
  const labelWidth = Math.max(0, ...[...groups.keys()].map((group) => group.length)) + LABEL_GAP;
  const sections = [...groups].map(([group, names]) =>
    hangingIndent(`${MARGIN}${chalk.dim(group.padEnd(labelWidth))}`, names.sort().join(' '), columns),
  );
  const own = SHELL_WORDS.map((word) => [`${word.name} ${word.syntax}`, chalk.dim(word.summary)]);
  const keys = 'Tab completes, Ctrl-R searches the history, help <command> tells more';
  const closing = chalk.dim(hangingIndent(MARGIN, keys, columns));
  return [...sections, '', alignColumns(own, { indent: INDENT, columns }), '', closing].join('\n');
}

/**
 * One command in full. Throws RedNodeError `UNKNOWN_COMMAND` for words that are none.
 */
export function renderCommandHelp(words: readonly string[], table: CommandSource, screen: Screen): string {
  const shellWord = findShellWord(words[0]);
  if (shellWord !== undefined && table.find(words) === undefined) return shellWordHelp(shellWord, screen);
  const command = commandOf(words, table);
  return command.subcommands.length > 0 ? containerHelp(command, screen) : leafHelp(command, screen);
}

function shellWordHelp({ name, syntax, summary }: ShellWord, screen: Screen): string {
  return heading(`${name} ${syntax}`.trimEnd(), summary, screen);
}

function leafHelp(command: Command, screen: Screen): string {
  const { chalk, columns } = screen;
  const options = [...new Set(tokensOf(command.arguments))];
  const facts = [
    ['group', command.group],
    ['since', command.since],
    ...(command.complexity === undefined ? [] : [['complexity', command.complexity]]),
    ...(options.length === 0 ? [] : [['options', options.join(' ')]]),
    ...(command.destroys === undefined ? [] : [['careful', command.destroys]]),
    ...argumentSummaries(command.arguments),
  ];
  const labelled = facts.map(([label, value]) => [chalk.dim(label), value]);
  const head = heading(command.syntax, command.summary, screen);
  return `${head}\n${alignColumns(labelled, { indent: INDENT, columns })}`;
}

function containerHelp(command: Command, screen: Screen): string {
  const { chalk, columns } = screen;
  const rows = command.subcommands.map(({ syntax, summary }) => [shortened(syntax), chalk.dim(summary)]);
  const head = heading(command.fullName, command.summary, screen);
  return `${head}\n${alignColumns(rows, { indent: INDENT, columns })}`;
}

/** In a list a long syntax is cut before its options: help for the subcommand has it in full. */
function shortened(syntax: string): string {
  const options = syntax.search(/ [[<]/);
  return syntax.length <= LISTED_SYNTAX_MAX || options < 0 ? syntax : `${syntax.slice(0, options)} ...`;
}

/** The syntax, continued further right than the summary below it begins. */
function heading(syntax: string, summary: string, { chalk, columns }: Screen): string {
  const name = /^\S+ /.exec(syntax)?.[0] ?? '';
  const title = hangingIndent(`${MARGIN}${chalk.bold(name)}`, chalk.bold(syntax.slice(name.length)), columns);
  return `${title}\n${hangingIndent(MARGIN, summary, columns)}`;
}

function argumentSummaries(parts: readonly Argument[]): string[][] {
  return parts.flatMap((part) => [
    ...(part.summary === undefined ? [] : [[part.token ?? part.name, part.summary]]),
    ...('arguments' in part ? argumentSummaries(part.arguments) : []),
  ]);
}
