/** The ACL categories of a command, under Redis's names: what COMMAND tells of it, and what a token may be limited to. */
import type { Command } from './command.js';

export function categoriesOf(command: Command): string[] {
  const { flags, group } = command;
  const categories: string[] = [];
  if (flags.includes('write')) categories.push('@write');
  if (flags.includes('readonly')) categories.push('@read');
  if (group === 'generic') categories.push('@keyspace');
  if (group !== 'generic' && group !== 'server' && group !== 'cluster') categories.push(`@${group}`);
  if (flags.includes('admin')) categories.push('@admin', '@dangerous');
  categories.push(flags.includes('fast') ? '@fast' : '@slow');
  return categories;
}
