/** Limits of a tenant as they are typed on the command line, in the words of the wire: `--max-memory 64mb` is MAXMEMORY 64mb. */

const LIMIT_FLAG = /^--(max-keys|max-memory|max-ops|max-connections|default-ttl|evict)(?:=(.*))?$/;

/** The words with their flags replaced; those of other commands as they are. */
export function withoutLimitFlags(words: readonly Buffer[]): readonly Buffer[] {
  const [command = '', subcommand = ''] = words.map((word) => word.toString().toUpperCase());
  if (command !== 'TENANT' || (subcommand !== 'CREATE' && subcommand !== 'LIMIT')) return words;
  return words.flatMap((word) => {
    const match = LIMIT_FLAG.exec(word.toString());
    if (match === null) return [word];
    const [, name, value] = match as readonly (string | undefined)[];
    const wire = Buffer.from((name ?? '').replaceAll('-', '').toUpperCase());
    return value === undefined ? [wire] : [wire, Buffer.from(value)];
  });
}
