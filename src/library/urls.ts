/** Connection URLs with their secrets, for handing to clients; messages show addresses alone. */
import { addressOf, type Address } from '../client/endpoint.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** `redis://[username:password@]host:port`. */
export function urlOf(address: Address, credentials?: Credentials): string {
  const { username = '', password = '' } = credentials ?? {};
  const userInfo = credentials === undefined ? '' : `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;
  return `redis://${userInfo}${addressOf(address)}`;
}

/** The admin's credentials, where the server asks for any. */
export function adminCredentials(password: string | undefined): Credentials | undefined {
  return password === undefined ? undefined : { username: 'default', password };
}
