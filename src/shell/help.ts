/** `help` and `help <command>` as text, from the command table. */
import type { ChalkInstance } from 'chalk';
import { tokensOf, type Argument } from '../command-table/arguments.js';
import type { Command } from '../command-table/command.js';
import { ExitCode, RedNodeError } from '../errors.js';
import { alignColumns } from './columns.js';
import type { CommandSource } from './command-source.js';
import { findShellWord, SHELL_WORDS } from './shell-words.js';

const INDENT = 2;
const LABEL_GAP = 2;

/** What there is: the commands by group, wrapped to `columns`, and the shell's own words. */
export function renderOverview(table: CommandSource, columns: number, chalk: ChalkInstance): string {
  const groups = new Map<string, string[]>();
  for (const command of table.all()) {
    const names = groups.get(command.group) ?? [];
    names.push(command.name);
    groups.set(command.group, names);
  }
  const labelWidth = Math.max(0, ...[...groups.keys()].map((group) => group.length)) + LABEL_GAP;
  const sections = [...groups].map(([group, names]) => wrapped(group, names.sort(), labelWidth, columns, chalk));
  const own = SHELL_WORDS.map((word) => [`${word.name} ${word.syntax}`, chalk.dim(word.summary)]);
  return [...sections, '', alignColumns(own, INDENT), '', chalk.dim('  Tab completes, help <command> tells more')].join(
    '\n',
  );
}

/**
 * One command in full. Throws RedNodeError `UNKNOWN_COMMAND` for words that are none.
 */
export function renderCommandHelp(words: readonly string[], table: CommandSource, chalk: ChalkInstance): string {
  const shellWord = findShellWord(words[0]);
  const command = table.find(words);
  if (command === undefined || (words.length > 1 && command.parent === undefined && command.subcommands.length > 0)) {
    if (shellWord !== undefined)
      return `  ${chalk.bold(`${shellWord.name} ${shellWord.syntax}`)}\n  ${shellWord.summary}`;
    throw new RedNodeError('UNKNOWN_COMMAND', `there is no command ${words.join(' ').toUpperCase()}`, ExitCode.usage, {
      hint: 'help lists what there is',
    });
  }
  return command.subcommands.length > 0 ? containerHelp(command, chalk) : leafHelp(command, chalk);
}

function leafHelp(command: Command, chalk: ChalkInstance): string {
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
  return `  ${chalk.bold(command.syntax)}\n  ${command.summary}\n${alignColumns(labelled, INDENT)}`;
}

function containerHelp(command: Command, chalk: ChalkInstance): string {
  const rows = command.subcommands.map((subcommand) => [subcommand.syntax, chalk.dim(subcommand.summary)]);
  return `  ${chalk.bold(command.fullName)}\n  ${command.summary}\n${alignColumns(rows, INDENT)}`;
}

function argumentSummaries(parts: readonly Argument[]): string[][] {
  return parts.flatMap((part) => [
    ...(part.summary === undefined ? [] : [[part.token ?? part.name, part.summary]]),
    ...('arguments' in part ? argumentSummaries(part.arguments) : []),
  ]);
}

function wrapped(
  group: string,
  names: readonly string[],
  labelWidth: number,
  columns: number,
  chalk: ChalkInstance,
): string {
  const room = columns - labelWidth - INDENT;
  const lines: string[] = [];
  let line = '';
  for (const name of names) {
    if (line !== '' && line.length + 1 + name.length > room) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? name : ` ${name}`;
  }
  lines.push(line);
  const label = chalk.dim(group.padEnd(labelWidth));
  return lines
    .map((text, index) => ' '.repeat(INDENT) + (index === 0 ? label : ' '.repeat(labelWidth)) + text)
    .join('\n');
}
