/** oclif's parse errors as RedNode's: one exit code, one wording, and the nearest flag for a slip of the keyboard. */
import { ExitCode, RedNodeError } from '../errors.js';
import { nearest } from './suggestions.js';

/** What oclif's errors carry beyond a message; all of it optional, since any error may arrive here. */
interface ParseErrorShape {
  readonly parse?: {
    readonly input?: {
      readonly flags?: Readonly<Record<string, unknown>>;
      readonly context?: { readonly id?: string };
    };
  };
  readonly flags?: unknown;
  readonly args?: unknown;
  readonly oclif?: { readonly exit?: unknown };
}

/** oclif's words in front of what the parser of a flag threw, and what it adds behind. */
const FLAG_PARSER_FAILED = /^Parsing (--\S+) \n\t(.*)/;
const NOT_AN_OPTION = /^Expected (--[^=]+)=(.*) to be one of: (.*)/;

/** Whether oclif threw it about the command line that it was given. */
export function isParseError(error: unknown): error is Error & ParseErrorShape {
  return error instanceof Error && ('parse' in error || 'oclif' in error || FLAG_PARSER_FAILED.test(error.message));
}

/**
 * The usage error (exit code 2) that says the same as an error of oclif's parser.
 * `command` is the one that was run (`cluster up`), for errors that do not carry it.
 */
export function usageErrorFrom(error: Error & ParseErrorShape, command?: string): RedNodeError {
  const commandId = command ?? error.parse?.input?.context?.id?.replaceAll(':', ' ');
  const help = commandId === undefined ? 'rednode --help' : `rednode ${commandId} --help`;
  const badValue = badValueOf(error.message);
  if (badValue !== undefined) {
    return new RedNodeError('BAD_VALUE', badValue, ExitCode.usage, { hint: help, cause: error });
  }
  const unknownFlag = firstUnknownFlag(error);
  if (unknownFlag !== undefined) {
    return new RedNodeError('UNKNOWN_FLAG', `unknown flag ${unknownFlag}`, ExitCode.usage, {
      hint: hintForFlag(unknownFlag, Object.keys(error.parse?.input?.flags ?? {}), help),
      cause: error,
    });
  }
  return new RedNodeError('USAGE', wordingOf(error), ExitCode.usage, { hint: help, cause: error });
}

function badValueOf(message: string): string | undefined {
  const failed = FLAG_PARSER_FAILED.exec(message);
  if (failed !== null) return `${failed[1]} ${failed[2]}`;
  const option = NOT_AN_OPTION.exec(message);
  return option === null ? undefined : `${option[1]} ${JSON.stringify(option[2])} is none of ${option[3]}`;
}

function firstUnknownFlag(error: ParseErrorShape): string | undefined {
  const first: unknown = Array.isArray(error.flags) ? error.flags[0] : undefined;
  return typeof first === 'string' ? first : undefined;
}

function hintForFlag(flag: string, known: readonly string[], help: string): string {
  const name = flag.replace(/^-+/, '').replace(/=.*/, '');
  const match = nearest(name, known);
  return match === undefined ? help : `--${match}, or see ${help}`;
}

/** The first line of oclif's message, reworded where it lists arguments below it. */
function wordingOf(error: Error & ParseErrorShape): string {
  const lines = error.message.split('\n').filter((line) => line !== '' && !line.startsWith('See more help'));
  const [first = 'wrong usage'] = lines;
  if (first.startsWith('Missing')) return `missing argument: ${namesOf(error.args).join(', ')}`;
  if (first.startsWith('The following error')) return lowerFirst(stripAnsi(lines.slice(1).join('; ')).trim());
  return lowerFirst(first);
}

function namesOf(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) =>
    typeof item === 'object' && item !== null && 'name' in item && typeof item.name === 'string'
      ? [item.name.toUpperCase()]
      : [],
  );
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function stripAnsi(text: string): string {
  // eslint-disable-next-line no-control-regex -- escape sequences begin with a control character
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}

/** The usage error for words that name no command. `ids` are oclif's (`cluster:up`). */
export function unknownCommand(words: readonly string[], ids: readonly string[]): RedNodeError {
  const names = ids.map((id) => id.replaceAll(':', ' '));
  const typed = words.join(' ');
  const parent = names.find((name) => typed.startsWith(`${name} `));
  if (parent !== undefined) {
    const extra = typed.slice(parent.length + 1);
    return new RedNodeError('USAGE', `rednode ${parent} takes no argument: ${extra}`, ExitCode.usage, {
      hint: `rednode ${parent} --help`,
    });
  }
  const topics = [...new Set(names.flatMap((name) => (name.includes(' ') ? [name.slice(0, name.indexOf(' '))] : [])))];
  const named = topics.includes(words[0] ?? '') ? words.slice(0, 2).join(' ') : (words[0] ?? '');
  const match = names.find((name) => name.endsWith(` ${typed}`)) ?? nearest(named, [...topics, ...names]);
  return new RedNodeError('UNKNOWN_COMMAND', `unknown command ${named}`, ExitCode.usage, {
    hint: match === undefined ? 'rednode --help' : `rednode ${match}, or rednode --help`,
  });
}
