/** What to type when a command line did not say which of several clusters it is about: the same line, with one named. */
import { commandTable } from '../command-table/index.js';
import { RedNodeError } from '../errors.js';

/** Longer lines are not repeated as a whole. */
const REPEATED_LENGTH_MAX = 60;
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/**
 * SEVERAL_CLUSTERS with the whole command line as its hint; every other error as it is.
 * `id` is oclif's name of the command (`cluster:status`), `argv` what stands behind it.
 */
export function withCompleteHint(error: unknown, id: string, argv: readonly string[]): unknown {
  if (!(error instanceof RedNodeError) || error.code !== 'SEVERAL_CLUSTERS' || error.hint === undefined) return error;
  const hint = ['rednode', id.replaceAll(':', ' '), error.hint, ...repeatable(id, argv)].join(' ');
  return new RedNodeError(error.code, error.message, error.exitCode, { hint, context: error.context, cause: error });
}

/** The words as they are typed in a shell; `...` in place of what is long or holds a secret. */
function repeatable(id: string, argv: readonly string[]): string[] {
  const closing = argv.indexOf('--');
  const isSecret = id === 'exec' && commandTable.find(argv.slice(closing + 1))?.secretFrom !== undefined;
  // The flags of exec are closed in front of the wire command before they are parsed: nobody typed that.
  const words = id === 'exec' ? argv.filter((_, index) => index !== closing) : argv;
  const typed = words.map((word) => (PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return isSecret || typed.join(' ').length > REPEATED_LENGTH_MAX ? ['...'] : typed;
}
