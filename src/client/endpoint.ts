/** Connection URLs: `redis://[tenant[:token]@]host[:port]`, and `rediss://` for TLS. Tokens are never echoed. */
import { ExitCode, RedNodeError } from '../errors.js';
import type { Endpoint } from './types.js';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 6379;
const MAX_PORT = 65_535;

/** Where a node listens. */
export type Address = Pick<Endpoint, 'host' | 'port'>;

/** `host:port`, with an IPv6 address in brackets: the identity of a node to the client. */
export function addressOf({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const pattern = /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?:(?<userinfo>.*)@)?(?<authority>[^@/]*)(?<path>\/.*)?$/is;

/**
 * Reads a connection URL. A name before `@` is the tenant, what follows its colon the token, both percent-decoded;
 * `:token@` alone is the password of the default user.
 * @throws RedNodeError BAD_URL, which shows the URL without its token.
 */
export function parseEndpoint(url: string): Endpoint {
  const parts = pattern.exec(url.trim())?.groups;
  if (parts === undefined) throw badUrl(url, 'it is not of the form redis://[tenant[:token]@]host[:port]');
  const scheme = parts.scheme.toLowerCase();
  if (scheme !== 'redis' && scheme !== 'rediss') throw badUrl(url, `the scheme is ${scheme}, not redis or rediss`);
  const path = (parts.path as string | undefined) ?? '';
  if (!/^\/?0?$/.test(path)) throw badUrl(url, 'there is only database 0; name a tenant instead');
  return {
    ...parseAuthority(url, parts.authority),
    ...parseUserInfo(url, parts.userinfo),
    ...(scheme === 'rediss' ? { tls: true } : {}),
  };
}

function parseAuthority(url: string, authority: string): Address {
  const match = /^(?:\[(?<bracketed>[0-9a-f:.%]+)\]|(?<plain>[^:[\]]*))(?::(?<port>[^:]*))?$/i.exec(authority);
  if (match?.groups === undefined) throw badUrl(url, 'host and port cannot be read (put an IPv6 address in brackets)');
  const { bracketed, plain, port } = match.groups as Record<string, string | undefined>;
  const host = bracketed ?? plain ?? '';
  return { host: host === '' ? DEFAULT_HOST : host, port: parsePort(url, port) };
}

function parsePort(url: string, text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > MAX_PORT) throw badUrl(url, `the port must be a number from 1 to ${MAX_PORT}`);
  return port;
}

function parseUserInfo(url: string, userInfo: string | undefined): Pick<Endpoint, 'username' | 'password'> {
  if (userInfo === undefined || userInfo === '') return {};
  const colon = userInfo.indexOf(':');
  const username = decode(url, colon === -1 ? userInfo : userInfo.slice(0, colon));
  const password = colon === -1 ? '' : decode(url, userInfo.slice(colon + 1));
  return { ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) };
}

function decode(url: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    // The cause's message is fixed text: it does not repeat the token.
    throw badUrl(url, 'the tenant or token is not valid percent-encoding (write % as %25)', cause);
  }
}

function badUrl(url: string, reason: string, cause?: unknown): RedNodeError {
  return new RedNodeError('BAD_URL', `invalid URL ${redactUrl(url)}: ${reason}`, ExitCode.usage, {
    hint: `for example redis://${DEFAULT_HOST}:7379 or redis://tenant:token@${DEFAULT_HOST}:7379`,
    cause,
  });
}

/** A URL as a person may see it: whatever stands between the scheme's slashes and the last `@` loses its secret. */
export function redactUrl(url: string): string {
  const at = url.lastIndexOf('@');
  if (at === -1) return url;
  const slashes = url.indexOf('://');
  const start = slashes === -1 ? 0 : slashes + 3;
  const userInfo = url.slice(start, at);
  const colon = userInfo.indexOf(':');
  const shown = colon === -1 ? userInfo : `${userInfo.slice(0, colon)}:***`;
  return `${url.slice(0, start)}${shown}${url.slice(at)}`;
}

/** The URL of an endpoint, without its token: fit for messages and logs. */
export function formatEndpoint(endpoint: Endpoint): string {
  const scheme = endpoint.tls === true ? 'rediss' : 'redis';
  const tenant = endpoint.username === undefined ? '' : `${encodeURIComponent(endpoint.username)}@`;
  return `${scheme}://${tenant}${addressOf(endpoint)}`;
}
