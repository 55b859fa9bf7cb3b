/** What must be known of the command line before oclif parses it. */

/** Flags of `exec` that take a value: the word behind one is not the wire command. */
const EXEC_VALUE_FLAGS = new Set(['--url', '--cluster', '-c', '--tenant']);

/**
 * Closes the flags of `rednode exec` in front of the wire command, so that its words arrive as they were typed:
 * `exec SET k --help` stores `--help`. Other command lines are returned unchanged.
 */
export function closeFlagsOfExec(argv: readonly string[]): string[] {
  if (argv[0] !== 'exec') return [...argv];
  let position = 1;
  while (position < argv.length && argv[position].startsWith('-')) {
    if (argv[position] === '--') return [...argv];
    position += EXEC_VALUE_FLAGS.has(argv[position]) ? 2 : 1;
  }
  return position >= argv.length ? [...argv] : [...argv.slice(0, position), '--', ...argv.slice(position)];
}

/** Whether a flag without a value is given, before any `--`. */
export function hasFlag(argv: readonly string[], flag: string): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes(flag);
}
