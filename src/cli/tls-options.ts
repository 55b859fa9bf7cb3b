/** From the flags about TLS and protected mode to the settings of a node. */
import path from 'node:path';
import { TLS_AUTH_CLIENTS, type TlsAuthClients, type TlsConfig, type TlsIdentity } from '../config/tls-config.js';
import { ExitCode, RedNodeError } from '../errors.js';
import { boolean, integer, string } from './oclif.js';

const TLS_GROUP = 'tls';

/** Flags of what listens for TLS: who it is, and who may come in. */
export const tlsIdentityFlags = {
  'tls-cert': string({ summary: 'Certificate of the node, PEM.', helpValue: 'FILE', helpGroup: TLS_GROUP }),
  'tls-key': string({ summary: 'Its private key, PEM.', helpValue: 'FILE', helpGroup: TLS_GROUP }),
  'tls-ca': string({
    summary: "CA that clients' certificates are checked against, PEM.",
    helpValue: 'FILE',
    helpGroup: TLS_GROUP,
  }),
  'tls-auth-clients': string({
    summary: 'Whether clients must show a certificate. Default: yes with --tls-ca, no without.',
    options: [...TLS_AUTH_CLIENTS],
    helpGroup: TLS_GROUP,
  }),
};

/** Those, and where one node listens. */
export const tlsServerFlags = {
  'tls-port': integer({
    summary: 'Port to listen on for TLS; 0 takes any free one.',
    min: 0,
    max: 65_535,
    helpGroup: TLS_GROUP,
  }),
  ...tlsIdentityFlags,
  'tls-only': boolean({ summary: 'Do not listen without TLS.', helpGroup: TLS_GROUP }),
};

export interface TlsIdentityFlags {
  readonly 'tls-cert'?: string | undefined;
  readonly 'tls-key'?: string | undefined;
  readonly 'tls-ca'?: string | undefined;
  readonly 'tls-auth-clients'?: string | undefined;
}

export interface TlsServerFlags extends TlsIdentityFlags {
  readonly 'tls-port'?: number | undefined;
  readonly 'tls-only'?: boolean | undefined;
}

const SERVER_USAGE = '--tls-port PORT --tls-cert FILE --tls-key FILE';

/** Undefined when no flag asks for TLS. Throws USAGE when one that is needed is missing. */
export function tlsConfig(flags: TlsServerFlags): TlsConfig | undefined {
  const identity = tlsIdentity(flags, SERVER_USAGE);
  if (identity === undefined) return undefined;
  const port = flags['tls-port'];
  if (port === undefined) throw missing('tls-port', givenFlag(flags) ?? 'tls-cert', SERVER_USAGE);
  return { ...identity, port, isOnly: flags['tls-only'] === true };
}

/** The part of it that nodes of a cluster share. `usage`: what a hint shows. Throws as `tlsConfig`. */
export function tlsIdentity(flags: TlsIdentityFlags, usage: string): TlsIdentity | undefined {
  const given = givenFlag(flags);
  if (given === undefined) return undefined;
  const certFile = needed(flags, 'tls-cert', given, usage);
  const keyFile = needed(flags, 'tls-key', given, usage);
  const caFile = flags['tls-ca'];
  return {
    certFile: path.resolve(certFile),
    keyFile: path.resolve(keyFile),
    ...(caFile !== undefined && { caFile: path.resolve(caFile) }),
    authClients: (flags['tls-auth-clients'] as TlsAuthClients | undefined) ?? (caFile === undefined ? 'no' : 'yes'),
  };
}

function givenFlag(flags: object): string | undefined {
  const given = Object.entries(flags).find(
    ([name, value]) => name.startsWith('tls-') && value !== undefined && value !== false,
  );
  return given?.[0];
}

function needed(flags: TlsIdentityFlags, name: 'tls-cert' | 'tls-key', given: string, usage: string): string {
  const value = flags[name];
  if (value === undefined || value === '') throw missing(name, given, usage);
  return value;
}

function missing(name: string, given: string, usage: string): RedNodeError {
  return new RedNodeError('USAGE', `--${given} needs --${name} as well`, ExitCode.usage, { hint: usage });
}
