/** The interactive loop: prompt, line, action, output; errors are shown and the loop goes on. */
import { ExitCode, messageOf, RedNodeError } from '../errors.js';
import type { RoutedReply } from '../client/types.js';
import { evaluate, type EvaluationContext, type Outcome } from './evaluate.js';
import type { LineReader } from './line-reader.js';
import { followMonitor } from './monitor.js';
import { withoutControls } from './quoting.js';
import { renderReply } from './render.js';
import type { Screen } from './screen.js';
import { followSubscription } from './subscription.js';
import { hangingIndent } from './wrap-words.js';

/** A command that took less is not worth a remark. */
const ELAPSED_SHOWN_MS = 50;
const MS_PER_SECOND = 1000;
/** Columns of the names of details below an error. */
const DETAIL_WIDTH = 7;
const CLEAR_SCREEN = '\u001b[2J\u001b[3J\u001b[H';

export interface ReplOptions extends EvaluationContext {
  readonly reader: LineReader;
  /** Whether the cursor can be moved: `clear` does nothing otherwise. */
  readonly canClear: boolean;
  /** Ends the loop when it is aborted, also while a command runs. */
  readonly ending?: AbortSignal | undefined;
}

/** Runs until Ctrl-D, `exit`, or until nobody reads the output any more. Returns the exit code. */
export async function runRepl(options: ReplOptions): Promise<number> {
  const { reader, screen } = options;
  while (!screen.isGone && !isEnding(options)) {
    const line = await reader.readLine(promptOf(options));
    if (line === undefined) {
      screen.print('');
      break;
    }
    if ((await runLine(line, options)) === 'leave') break;
    await screen.drained();
  }
  return ExitCode.ok;
}

function promptOf({ session, screen: { chalk } }: ReplOptions): string {
  const state = session.isConnected ? '' : ` ${chalk.red('(not connected)')}`;
  const transaction = session.isInTransaction ? '(TX)' : '';
  return `${chalk.dim(`${session.clusterName}/`)}${session.tenant}${transaction}${state}> `;
}

async function runLine(line: string, options: ReplOptions): Promise<'leave' | 'stay'> {
  try {
    const interruption = interruptionOf(options);
    try {
      const outcome = await Promise.race([evaluate(line, options), interruption.promise]);
      if (isEnding(options)) return 'leave';
      if (outcome === 'interrupted')
        options.screen.print(options.screen.chalk.dim('not waited for: it may still take effect'));
      else await show(outcome, options, interruption.promise);
      return outcome !== 'interrupted' && outcome.kind === 'leave' ? 'leave' : 'stay';
    } finally {
      options.reader.onInterrupt(undefined);
    }
  } catch (error) {
    if (isEnding(options)) return 'leave';
    printError(error, options.screen);
    return 'stay';
  }
}

function isEnding({ ending }: ReplOptions): boolean {
  return ending?.aborted === true;
}

function interruptionOf({ reader, ending }: ReplOptions): { readonly promise: Promise<'interrupted'> } {
  const promise = new Promise<'interrupted'>((resolve) => {
    const interrupt = (): void => {
      resolve('interrupted');
    };
    reader.onInterrupt(interrupt);
    ending?.addEventListener('abort', interrupt, { once: true });
  });
  return { promise };
}

async function show(outcome: Outcome, options: ReplOptions, interrupted: Promise<unknown>): Promise<void> {
  const { screen } = options;
  switch (outcome.kind) {
    case 'reply':
      screen.print(replyText(outcome.routed, outcome.isRaw, options));
      break;
    case 'text':
      screen.print(outcome.text);
      break;
    case 'subscribe':
      await subscribe(outcome.words, options, interrupted);
      break;
    case 'monitor':
      screen.print(screen.chalk.dim('showing what is run, Ctrl-C ends it'));
      await followMonitor(options.session.client, {
        onLine: (line) => {
          screen.print(renderReply(line, { chalk: screen.chalk }));
        },
        until: interrupted,
      });
      break;
    case 'clear':
      if (options.canClear) screen.write(CLEAR_SCREEN);
      break;
    default:
  }
}

function replyText(routed: RoutedReply, isRaw: boolean, { screen, session }: ReplOptions): string {
  const { chalk } = screen;
  const text = renderReply(routed.reply, { chalk, itemNodes: routed.itemNodes, isRaw });
  const hasSeveralNodes = session.client.nodes().length > 1;
  const node = routed.reply.type === 'error' && hasSeveralNodes ? `  ${chalk.dim(routed.nodes.join(' '))}` : '';
  const elapsed = routed.elapsedMs >= ELAPSED_SHOWN_MS ? `\n${chalk.dim(`(${elapsedText(routed.elapsedMs)})`)}` : '';
  return `${text}${node.trimEnd()}${elapsed}`;
}

function elapsedText(elapsedMs: number): string {
  return elapsedMs < MS_PER_SECOND
    ? `${String(Math.round(elapsedMs))} ms`
    : `${(elapsedMs / MS_PER_SECOND).toFixed(2)} s`;
}

async function subscribe(words: readonly Buffer[], options: ReplOptions, interrupted: Promise<unknown>): Promise<void> {
  const { screen, session } = options;
  screen.print(screen.chalk.dim('waiting for messages, Ctrl-C ends it'));
  const refusal = await followSubscription(session.client, {
    words,
    onMessage: (message) => {
      screen.print(renderReply(message, { chalk: screen.chalk }));
    },
    until: interrupted,
  });
  if (refusal !== undefined) screen.print(renderReply(refusal, { chalk: screen.chalk }));
}

/** What went wrong in red, and its details and the next step dimmed below it. */
function printError(error: unknown, screen: Screen): void {
  const { chalk, columns } = screen;
  screen.print(chalk.red(hangingIndent('error: ', withoutControls(messageOf(error)), columns)));
  if (!(error instanceof RedNodeError)) return;
  const details = Object.entries(error.context);
  if (error.hint !== undefined) details.push(['try', error.hint]);
  for (const [name, value] of details) {
    screen.print(chalk.dim(hangingIndent(`  ${name.padEnd(DETAIL_WIDTH)}  `, value, columns)));
  }
}
