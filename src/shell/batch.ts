/** Commands from a stream or a list: plain output, and an end at the first error. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ExitCode, RedNodeError } from '../errors.js';
import type { Reply } from '../resp/reply.js';
import { evaluate, type EvaluationContext, type Outcome } from './evaluate.js';
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
    report(failure, { number, line, ...(outcome.kind === 'reply' ? { nodes: outcome.routed.nodes } : {}) }, options);
    return ExitCode.serverError;
  } catch (error) {
    if (!(error instanceof RedNodeError)) throw error;
    report(error.message, { number, line }, options);
    for (const [name, value] of Object.entries(error.context)) printDetail(name, value, options.errorScreen);
    if (error.hint !== undefined) printDetail('try', error.hint, options.errorScreen);
    return error.exitCode;
  }
}

/** Prints what a line came to; returns the text of an error reply. */
async function present(outcome: Outcome, options: BatchOptions, ahead: LookAhead): Promise<string | undefined> {
  switch (outcome.kind) {
    case 'reply':
      return printReply(outcome.routed.reply, options.screen);
    case 'text':
      options.screen.print(outcome.text);
      return undefined;
    case 'subscribe':
      return follow(outcome.words, options, ahead);
    default:
      return undefined;
  }
}

function printReply(reply: Reply, screen: Screen): string | undefined {
  if (reply.type === 'error') return reply.value;
  screen.write(plainReply(reply));
  return undefined;
}

async function follow(words: readonly Buffer[], options: BatchOptions, ahead: LookAhead): Promise<string | undefined> {
  const refusal = await followSubscription(options.session.client, {
    words,
    onMessage: (message) => {
      options.screen.write(plainReply(message));
    },
    until: options.lines.noun === 'line' ? ahead.peek() : new Promise(() => undefined),
  });
  return refusal === undefined ? undefined : printReply(refusal, options.screen);
}

interface FailedLine {
  readonly number: number;
  readonly line: string;
  /** Names of the nodes that answered. */
  readonly nodes?: readonly string[];
}

function report(message: string, failed: FailedLine, { lines, table, errorScreen }: BatchOptions): void {
  errorScreen.print(errorScreen.chalk.red(`error: ${withoutControls(message)}`));
  printDetail(`${lines.noun} ${String(failed.number)}`, redact(failed.line.trim(), table), errorScreen);
  if (failed.nodes !== undefined && failed.nodes.length > 0) printDetail('node', failed.nodes.join(' '), errorScreen);
}

function printDetail(name: string, value: string, errorScreen: Screen): void {
  errorScreen.print(`  ${name.padEnd(DETAIL_WIDTH)}  ${withoutControls(value)}`);
}
