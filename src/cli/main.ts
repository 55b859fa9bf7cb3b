/** The program: reads the command line, runs the CLI command that it names, renders errors, sets the exit code. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ExitCode, messageOf, RedNodeError } from '../errors.js';
import { closeFlagsOfExec, hasFlag } from './argv.js';
import { watchBrokenPipes } from './output.js';
import type { PackageDescription } from './package-description.js';
import { runQuickCommand } from './quick-command.js';

export interface CliOptions {
  /** The package's folder: where package.json and the manifest of commands are. */
  readonly root: string;
  /** The command line without `node` and the script. */
  readonly argv: readonly string[];
  /** Commands are loaded from commands/*.ts instead of the bundle; TypeScript must be importable. */
  readonly fromSource?: boolean;
}

/** Runs one command line to its end. Never throws: what fails is rendered, and `process.exitCode` is set. */
export async function runCli(options: CliOptions): Promise<void> {
  watchBrokenPipes();
  const argv = closeFlagsOfExec(options.argv);
  // Read by every package that colours, also by those that are not ours, when it is loaded: so before the imports below.
  if (hasFlag(argv, '--no-color')) process.env.NO_COLOR = '1';
  try {
    await runCommandLine(options, argv);
  } catch (error) {
    await reportError(error, argv);
  }
}

async function runCommandLine(options: CliOptions, argv: string[]): Promise<void> {
  if (await runQuickCommand(argv)) return;
  const { dispatch } = await import('./dispatch.js');
  await dispatch({
    root: options.root,
    argv,
    packageDescription: await readPackage(options.root),
    fromSource: options.fromSource === true,
  });
}

async function readPackage(root: string): Promise<PackageDescription> {
  const file = path.join(root, 'package.json');
  try {
    return JSON.parse(await readFile(file, 'utf8')) as PackageDescription;
  } catch (error) {
    throw new RedNodeError('BAD_PACKAGE', `cannot read ${file}: ${messageOf(error)}`, ExitCode.io, { cause: error });
  }
}

async function reportError(error: unknown, argv: readonly string[]): Promise<void> {
  const { asRedNodeError, errorJson, errorText } = await import('./error-report.js');
  const { programName } = await import('./program-name.js');
  const { createTheme } = await import('./theme.js');
  const known = asRedNodeError(error);
  const debug = hasFlag(argv, '--debug');
  const text = hasFlag(argv, '--json')
    ? JSON.stringify(errorJson(known, debug, programName()))
    : errorText(known, createTheme(process.stderr), debug, programName());
  process.stderr.write(`${text}\n`);
  process.exitCode = known.exitCode;
}
