/** Commands from a stream or a list: plain output, and an end at the first error. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ExitCode, RedNodeError } from '../errors.js';
import type { Reply } from '../resp/reply.js';
import { evaluate, type EvaluationContext, type Outcome } from './evaluate.js';
import { followMonitor } from './monitor.js';
import { plainReply } from './plain.js';
import { withoutControls } from './quoting.js';
import { redact } from './redaction.js';
import type { Screen } from './screen.js';
import { followSubscription } from './subscription.js';

const COMMENT = '#';
/** Columns of the names of details, as wide as `command`. */
const DETAIL_WIDTH = 7;

/** Numbered lines, one at a time; `next` may be asked before the last one is done with. */
export interface LineSource {
  /** What a line is called in messages: `line 3`, `command 2`. */
  readonly noun: string;
  next(): Promise<string | undefined>;
  close(): void;
}

export interface BatchOptions extends EvaluationContext {
  readonly lines: LineSource;
  /** Messages for people, apart from the output. */
  readonly errorScreen: Screen;
  readonly format?: BatchFormat | undefined;
}

/** A form for programs, in place of bare values and the text of an error. */
export interface BatchFormat {
  /** A reply with its line end; the texts of the shell's own words come as simple strings. */
  readonly reply: (reply: Reply) => string | Uint8Array;
  /** The error that ends the batch, with its line end. Its context says where it was. */
  readonly error: (error: RedNodeError) => string;
}

/** Runs line by line until the end, `exit` or the first error. Returns the exit code: of an error reply 1, else the error's own. */
export async function runBatch(options: BatchOptions): Promise<number> {
  const { lines, screen } = options;
  const ahead = new LookAhead(lines);
  try {
    for (let number = 1; !screen.isGone; number++) {
      const line = await ahead.take();
      if (line === undefined) return ExitCode.ok;
      if (line.trim() === '' || line.trimStart().startsWith(COMMENT)) continue;
      const result = await runLine(line, number, options, ahead);
      if (result !== 'next') return result;
      await screen.drained();
    }
    return ExitCode.ok;
  } finally {
    lines.close();
  }
}

/** Lines of a stream. */
export function linesOfStream(input: Readable): LineSource {
  const readline = createInterface({ input, terminal: false, crlfDelay: Infinity });
  const iterator = readline[Symbol.asyncIterator]();
  return {
    noun: 'line',
    async next() {
      const result: IteratorResult<string, unknown> = await iterator.next();
      return result.done === true ? undefined : result.value;
    },
    close() {
      readline.close();
    },
  };
}

/** The commands given with `-e`. After the last one a subscription stays until it is lost or the program is stopped. */
export function linesOfList(commands: readonly string[]): LineSource {
  const iterator = commands[Symbol.iterator]();
  return {
    noun: 'command',
    next() {
      const result = iterator.next();
      return Promise.resolve(result.done === true ? undefined : result.value);
    },
    close: () => undefined,
  };
}

/** A source that can be asked for its next line without taking it: what ends a subscription. */
class LookAhead {
  private waiting: Promise<string | undefined> | undefined;

  constructor(private readonly source: LineSource) {}

  peek(): Promise<string | undefined> {
    this.waiting ??= this.source.next();
    return this.waiting;
  }

  async take(): Promise<string | undefined> {
    const line = await this.peek();
    this.waiting = undefined;
    return line;
  }
}

async function runLine(
  line: string,
  number: number,
  options: BatchOptions,
  ahead: LookAhead,
): Promise<number | 'next'> {
  try {
    const outcome = await evaluate(line, options);
    if (outcome.kind === 'leave') return ExitCode.ok;
    const failure = await present(outcome, options, ahead);
    if (failure === undefined) return 'next';
    const nodes = outcome.kind === 'reply' ? outcome.routed.nodes : [];
    const context = nodes.length === 0 ? {} : { node: nodes.join(' ') };
    report(new RedNodeError('SERVER_ERROR', failure, ExitCode.serverError, { context }), number, line, options);
    return ExitCode.serverError;
  } catch (error) {
    if (!(error instanceof RedNodeError)) throw error;
    report(error, number, line, options);
    return error.exitCode;
  }
}

/** Prints what a line came to; returns the text of an error reply. */
async function present(outcome: Outcome, options: BatchOptions, ahead: LookAhead): Promise<string | undefined> {
  switch (outcome.kind) {
    case 'reply':
      return printReply(outcome.routed.reply, options);
    case 'text':
      return printReply({ type: 'simple', value: outcome.text }, options);
    case 'subscribe':
      return follow(outcome.words, options, ahead);
    case 'monitor':
      await followMonitor(options.session.client, {
        onLine: (line) => {
          printReply(line, options);
        },
        until: endOfFollowing(options, ahead),
      });
      return undefined;
    default:
      return undefined;
  }
}

function printReply(reply: Reply, { screen, format }: BatchOptions): string | undefined {
  if (reply.type === 'error') return reply.value;
  screen.write(format === undefined ? plainReply(reply) : format.reply(reply));
  return undefined;
}

async function follow(words: readonly Buffer[], options: BatchOptions, ahead: LookAhead): Promise<string | undefined> {
  const refusal = await followSubscription(options.session.client, {
    words,
    onMessage: (message) => {
      printReply(message, options);
    },
    until: endOfFollowing(options, ahead),
  });
  return refusal === undefined ? undefined : printReply(refusal, options);
}

/** The next line ends it; after a list of commands it stays until the program is stopped. */
function endOfFollowing({ lines }: BatchOptions, ahead: LookAhead): Promise<unknown> {
  return lines.noun === 'line' ? ahead.peek() : new Promise(() => undefined);
}

function report(error: RedNodeError, number: number, line: string, options: BatchOptions): void {
  const { lines, table, errorScreen, format } = options;
  const typed = redact(line.trim(), table);
  if (format !== undefined) {
    const { code, message, exitCode, hint, cause } = error;
    const context = { [lines.noun]: String(number), text: typed, ...error.context };
    const detail = { context, cause, ...(hint === undefined ? {} : { hint }) };
    errorScreen.write(format.error(new RedNodeError(code, message, exitCode, detail)));
    return;
  }
  errorScreen.print(errorScreen.chalk.red(`error: ${withoutControls(error.message)}`));
  printDetail(`${lines.noun} ${String(number)}`, typed, errorScreen);
  for (const [name, value] of Object.entries(error.context)) printDetail(name, value, errorScreen);
  if (error.hint !== undefined) printDetail('try', error.hint, errorScreen);
}

function printDetail(name: string, value: string, errorScreen: Screen): void {
  errorScreen.print(`  ${name.padEnd(DETAIL_WIDTH)}  ${withoutControls(value)}`);
}
