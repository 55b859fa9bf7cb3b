/** The wording and the codes of everything that can go wrong on a connection, in one place. */
import { ExitCode, messageOf, RedNodeError, systemCodeOf } from '../errors.js';
import { addressOf, type Address } from './endpoint.js';

export const ConnectionCode = {
  /** Nothing listens there, or the name is unknown. Nothing was sent. */
  cannotConnect: 'CANNOT_CONNECT',
  /** Nothing was sent. */
  connectTimeout: 'CONNECT_TIMEOUT',
  /** The connection was closed before the command. Nothing was sent. */
  closed: 'CONNECTION_CLOSED',
  /** The connection broke before the reply: whether the command was executed is unknown. */
  lost: 'CONNECTION_LOST',
  /** No reply in time: whether the command was executed is unknown. */
  timeout: 'COMMAND_TIMEOUT',
  tooManyPending: 'TOO_MANY_PENDING',
  authenticationFailed: 'AUTH_FAILED',
} as const;

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by the server',
  EPIPE: 'connection reset by the server',
  ENOTFOUND: 'unknown host name',
  EAI_AGAIN: 'the host name cannot be looked up now',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'the network gave up waiting',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody else',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by a CA that is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by a CA that is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by a CA that is not known here',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_SSL_WRONG_VERSION_NUMBER: 'no TLS is spoken there',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'no TLS is spoken there',
};

function reasonOf(cause: unknown): string {
  return reasons[systemCodeOf(cause) ?? ''] ?? messageOf(cause);
}

/** Failures that another CA, or another port, is the way out of. */
const CERTIFICATE_CODE = /CERT|SIGNATURE/;

function hintFor(cause: unknown): string {
  const code = systemCodeOf(cause) ?? '';
  if (code.startsWith('ERR_SSL_'))
    return 'redis:// in place of rediss://, or the port that the server listens on for TLS';
  if (CERTIFICATE_CODE.test(code))
    return "--tls-ca FILE with the CA of the server's certificate; --insecure trusts whoever answers";
  return 'rednode cluster ls shows what runs; rednode cluster up starts a cluster';
}

export function cannotConnect(address: Address, cause: unknown): RedNodeError {
  return new RedNodeError(
    ConnectionCode.cannotConnect,
    `cannot connect to ${addressOf(address)}: ${reasonOf(cause)}`,
    ExitCode.unreachable,
    { hint: hintFor(cause), cause },
  );
}

export function connectTimedOut(address: Address, timeoutMs: number): RedNodeError {
  return new RedNodeError(
    ConnectionCode.connectTimeout,
    `cannot connect to ${addressOf(address)}: no answer within ${timeoutMs} ms`,
    ExitCode.timeout,
    { hint: 'check host and port, and whether a Redis-protocol server listens there' },
  );
}

/** `cause` undefined: the server closed the connection in good order. */
export function connectionLost(address: Address, cause?: unknown): RedNodeError {
  const reason = cause === undefined ? 'closed by the server' : reasonOf(cause);
  return new RedNodeError(
    ConnectionCode.lost,
    `connection to ${addressOf(address)} lost: ${reason}`,
    ExitCode.unreachable,
    cause === undefined ? {} : { cause },
  );
}

export function connectionClosed(address: Address): RedNodeError {
  return new RedNodeError(ConnectionCode.closed, `connection to ${addressOf(address)} is closed`, ExitCode.unreachable);
}

export function commandTimedOut(address: Address, timeoutMs: number): RedNodeError {
  return new RedNodeError(
    ConnectionCode.timeout,
    `no reply from ${addressOf(address)} within ${timeoutMs} ms`,
    ExitCode.timeout,
    { hint: 'whether the command was executed is unknown: look at the data before you repeat it' },
  );
}

export function tooManyPending(address: Address, limit: number): RedNodeError {
  return new RedNodeError(
    ConnectionCode.tooManyPending,
    `more than ${limit} commands wait for a reply from ${addressOf(address)}`,
    ExitCode.serverError,
    { hint: 'wait for replies before sending more' },
  );
}

/** The server's own words, and what to give it instead. */
export function authenticationFailed(address: Address, serverText: string): RedNodeError {
  return new RedNodeError(ConnectionCode.authenticationFailed, serverText, ExitCode.serverError, {
    hint: credentialsHint(serverText),
    context: { node: addressOf(address) },
  });
}

/** Secrets come from the environment or the URL; which of them, the server's refusal tells in part. */
function credentialsHint(serverText: string): string {
  if (serverText.startsWith('NOAUTH')) {
    return 'REDNODE_ADMIN_PASSWORD for the admin, or --tenant NAME with its token in REDNODE_TOKEN';
  }
  if (serverText.startsWith('WRONGPASS')) {
    return 'check REDNODE_TOKEN (or REDNODE_ADMIN_PASSWORD, or the URL): the tenant, and that its token is not revoked or expired';
  }
  return 'rednode tenant ls shows the tenants; a token is given in REDNODE_TOKEN, with --tenant NAME';
}

/** One address of several that were tried in turn. */
export interface FailedAttempt {
  readonly address: Address;
  readonly error: unknown;
}

const ADDRESS_PLACEHOLDER = '\0';

/** What was tried, each failure once with all its addresses: `cannot connect to 127.0.0.1:7379-7384: connection refused`. */
export function attemptsText(attempts: readonly FailedAttempt[]): string {
  const addressesOf = new Map<string, Address[]>();
  for (const { address, error } of attempts) {
    const failure = messageOf(error).replace(addressOf(address), ADDRESS_PLACEHOLDER);
    addressesOf.set(failure, [...(addressesOf.get(failure) ?? []), address]);
  }
  return Array.from(addressesOf, ([failure, addresses]) => {
    const text = addressesText(addresses);
    return failure.includes(ADDRESS_PLACEHOLDER) ? failure.replace(ADDRESS_PLACEHOLDER, text) : `${text}: ${failure}`;
  }).join('; ');
}

/** Neighbouring ports of one host as a range. */
function addressesText(addresses: readonly Address[]): string {
  const sorted = addresses.toSorted((left, right) => left.host.localeCompare(right.host) || left.port - right.port);
  const blocks: { first: Address; lastPort: number }[] = [];
  for (const address of sorted) {
    const block = blocks.at(-1);
    if (block?.first.host === address.host && block.lastPort + 1 === address.port) block.lastPort = address.port;
    else blocks.push({ first: address, lastPort: address.port });
  }
  return blocks
    .map(({ first, lastPort }) => addressOf(first) + (lastPort === first.port ? '' : `-${lastPort}`))
    .join(', ');
}

const neverSentCodes: ReadonlySet<string> = new Set([
  ConnectionCode.cannotConnect,
  ConnectionCode.connectTimeout,
  ConnectionCode.closed,
]);

/** Whether this failure proves that the command did not reach the server, so that repeating it is safe. */
export function wasNeverSent(error: unknown): error is RedNodeError {
  return error instanceof RedNodeError && neverSentCodes.has(error.code);
}

/** Whether the connection broke with the command on its way. */
export function wasLostMidway(error: unknown): error is RedNodeError {
  return error instanceof RedNodeError && error.code === ConnectionCode.lost;
}
