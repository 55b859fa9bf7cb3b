/** Error texts of Redis that several families answer with. */

export const SYNTAX_ERROR = 'ERR syntax error';
export const NOT_AN_INTEGER = 'ERR value is not an integer or out of range';
export const STRING_TOO_LONG = 'ERR string exceeds maximum allowed size (proto-max-bulk-len)';
export const NO_SUCH_KEY = 'ERR no such key';

export function invalidExpireTime(command: string): string {
  return `ERR invalid expire time in '${command}' command`;
}
