/** `rednode shell`: chooses between the interactive loop and batch mode, and takes everything down again. */
import type { Readable, Writable } from 'node:stream';
import { commandTable } from '../command-table/index.js';
import { linesOfList, linesOfStream, runBatch, type BatchFormat } from './batch.js';
import type { CommandSource } from './command-source.js';
import { ExitCode } from '../errors.js';
import { complete } from './completion.js';
import { hintFor } from './hint.js';
import { History } from './history.js';
import { LineEditor } from './line-editor.js';
import type { LineReader } from './line-reader.js';
import { PlainLineReader } from './plain-line-reader.js';
import { InquirerPrompter, PlainPrompter, type Prompter } from './prompter.js';
import { runRepl } from './repl.js';
import { Screen } from './screen.js';
import { Session } from './session.js';
import type { ShellClient } from './shell-client.js';

export interface ShellOptions {
  /** Connects; `onNotice` is to be told of what the client reports (ClientOptions.onNotice). Its errors reach the caller. */
  readonly connect: (onNotice: (message: string) => void) => Promise<ShellClient>;
  readonly input: Readable;
  readonly output: Writable;
  readonly error: Writable;
  /** Whether input and output are a terminal; otherwise lines are read and run as a batch. */
  readonly isTty: boolean;
  readonly colour: boolean;
  /** A terminal that cannot move its cursor (`TERM=dumb`): no hints, no completion, no escape sequences. */
  readonly isDumbTerminal?: boolean | undefined;
  /** Lines are not kept on disk without one. */
  readonly historyFile?: string | undefined;
  readonly clusterName: string;
  readonly tenant: string;
  /** Run in place of the input (`-e`). */
  readonly commands?: readonly string[] | undefined;
  /** How a batch prints; bare values and error texts without it. */
  readonly batchFormat?: BatchFormat | undefined;
  /** Destructive commands are not asked about. */
  readonly assumeYes?: boolean | undefined;
  /** Aborted when the cluster is being stopped: that is said in one line, and the shell ends. */
  readonly ending?: AbortSignal | undefined;
  /** No notices and no greeting. */
  readonly quiet?: boolean | undefined;
  /** The real command table, unless a test has its own. */
  readonly table?: CommandSource | undefined;
}

/** Runs the shell to its end and returns the exit code. Rejects when the first connection fails. */
export async function runShell(options: ShellOptions): Promise<number> {
  const screen = new Screen(options.output, options.colour);
  const errorScreen = new Screen(options.error, options.colour);
  // Notices that come before there is a line to print them above, or in batch mode, are messages, not data.
  const notices = { print: (text: string): void => errorScreen.print(text) };
  let client: ShellClient | undefined;
  try {
    client = await options.connect((message) => {
      if (options.quiet !== true && options.ending?.aborted !== true) notices.print(screen.chalk.dim(message));
    });
    const session = new Session(client, options.clusterName, options.tenant);
    return await run({ options, screen, errorScreen, session, notices });
  } finally {
    await client?.close();
    screen.release();
    errorScreen.release();
  }
}

interface Running {
  readonly options: ShellOptions;
  readonly screen: Screen;
  readonly errorScreen: Screen;
  readonly session: Session;
  readonly notices: { print: (text: string) => void };
}

async function run(running: Running): Promise<number> {
  const { options, errorScreen } = running;
  const isInteractive = options.isTty && options.commands === undefined;
  const exitCode = await (isInteractive ? runInteractive(running) : runLines(running));
  if (options.ending?.aborted !== true) return exitCode;
  errorScreen.print(`cluster ${options.clusterName} was stopped`);
  return isInteractive ? exitCode : ExitCode.unreachable;
}

async function runLines({ options, screen, errorScreen, session }: Running): Promise<number> {
  const lines = options.commands === undefined ? linesOfStream(options.input) : linesOfList(options.commands);
  const release = onAbort(options.ending, () => {
    lines.close();
  });
  try {
    const { table = commandTable, assumeYes = false, batchFormat: format } = options;
    return await runBatch({ session, screen, errorScreen, table, assumeYes, format, lines });
  } finally {
    release();
  }
}

/** Calls `handler` when the signal is aborted, or at once when it is already. Returns what takes that back. */
function onAbort(signal: AbortSignal | undefined, handler: () => void): () => void {
  if (signal?.aborted === true) handler();
  signal?.addEventListener('abort', handler);
  return () => signal?.removeEventListener('abort', handler);
}

async function runInteractive({ options, screen, session, notices }: Running): Promise<number> {
  const table = options.table ?? commandTable;
  const isDumb = options.isDumbTerminal ?? process.env.TERM === 'dumb';
  const history = new History({
    file: options.historyFile,
    table,
    onProblem: (message) => {
      notices.print(screen.chalk.dim(message));
    },
  });
  history.load();
  const reader = isDumb ? plainReader(options, screen, history) : lineEditor(options, screen, history, session);
  notices.print = (text): void => {
    reader.printAbove(text);
  };
  const release = onAbort(options.ending, () => {
    reader.close();
  });
  const prompter: Prompter = isDumb ? new PlainPrompter(reader, screen) : new InquirerPrompter(reader, options, screen);
  try {
    const assumeYes = options.assumeYes === true;
    const { ending } = options;
    return await runRepl({ session, table, screen, prompter, assumeYes, reader, canClear: !isDumb, ending });
  } finally {
    release();
    reader.close();
    history.close();
  }
}

function plainReader({ input }: ShellOptions, screen: Screen, history: History): LineReader {
  return new PlainLineReader({ input, screen, history, signals: process });
}

function lineEditor(options: ShellOptions, screen: Screen, history: History, session: Session): LineReader {
  const table = options.table ?? commandTable;
  return new LineEditor({
    input: options.input,
    output: options.output,
    screen,
    history,
    hint: (line, columns) => hintFor(line, table, columns),
    complete: (line) => complete(line, { table, tenants: () => session.tenantNames() }),
  });
}
