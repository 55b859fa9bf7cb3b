/** What a tenant may be called. */

export const DEFAULT_TENANT = 'default';
export const DEFAULT_DATABASE = 0;

const NAME_RULE = /^[a-z0-9][a-z0-9_.-]{0,62}$/i;

/** The error for a name that cannot be one, or undefined. */
export function nameRefusal(name: string): string | undefined {
  if (NAME_RULE.test(name)) return undefined;
  return `ERR invalid tenant name '${name}': 1 to 63 letters, digits, '_', '.' or '-', beginning with a letter or digit`;
}
