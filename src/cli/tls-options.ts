/** From the flags about TLS and protected mode to the settings of a node. */
import path from 'node:path';
import { TLS_AUTH_CLIENTS, type TlsAuthClients, type TlsConfig } from '../config/tls-config.js';
import { ExitCode, RedNodeError } from '../errors.js';
import { boolean, integer, string } from './oclif.js';

const TLS_GROUP = 'tls';

/** Flags of what listens for TLS. */
export const tlsServerFlags = {
  'tls-port': integer({
    summary: 'Port to listen on for TLS; 0 takes any free one.',
    min: 0,
    max: 65_535,
    helpGroup: TLS_GROUP,
  }),
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
  'tls-only': boolean({ summary: 'Do not listen without TLS.', helpGroup: TLS_GROUP }),
};

export interface TlsServerFlags {
  readonly 'tls-port'?: number | undefined;
  readonly 'tls-cert'?: string | undefined;
  readonly 'tls-key'?: string | undefined;
  readonly 'tls-ca'?: string | undefined;
  readonly 'tls-auth-clients'?: string | undefined;
  readonly 'tls-only'?: boolean | undefined;
}

/** Undefined when no flag asks for TLS. Throws USAGE when one that is needed is missing. */
export function tlsConfig(flags: TlsServerFlags): TlsConfig | undefined {
  const given = Object.entries(flags).find(
    ([name, value]) => name.startsWith('tls-') && value !== undefined && value !== false,
  );
  if (given === undefined) return undefined;
  const certFile = needed(flags, 'tls-cert', given[0]);
  const keyFile = needed(flags, 'tls-key', given[0]);
  const port = flags['tls-port'];
  if (port === undefined) throw missing('tls-port', given[0]);
  const caFile = flags['tls-ca'];
  return {
    port,
    certFile: path.resolve(certFile),
    keyFile: path.resolve(keyFile),
    caFile: caFile === undefined ? undefined : path.resolve(caFile),
    authClients: (flags['tls-auth-clients'] as TlsAuthClients | undefined) ?? (caFile === undefined ? 'no' : 'yes'),
    isOnly: flags['tls-only'] === true,
  };
}

function needed(flags: TlsServerFlags, name: 'tls-cert' | 'tls-key', given: string): string {
  const value = flags[name];
  if (value === undefined || value === '') throw missing(name, given);
  return value;
}

function missing(name: string, given: string): RedNodeError {
  return new RedNodeError('USAGE', `--${given} needs --${name} as well`, ExitCode.usage, {
    hint: '--tls-port PORT --tls-cert FILE --tls-key FILE',
  });
}
