/** From flags and environment to how a rediss:// server is checked, and what it is shown. */
import { readFileSync } from 'node:fs';
import type { Endpoint, TlsClientOptions } from '../client/types.js';
import { ExitCode, messageOf, RedNodeError, systemCodeOf } from '../errors.js';
import type { TargetFlags } from './target.js';

/** Throws USAGE and TLS_FILE_UNREADABLE, which names the file. */
export function tlsClientOptions(
  endpoint: Endpoint,
  flags: TargetFlags,
  env: Readonly<Record<string, string | undefined>>,
): TlsClientOptions {
  const { 'tls-ca': ca, 'tls-cert': cert, 'tls-key': key, insecure } = flags;
  if (endpoint.tls !== true) {
    throw new RedNodeError('USAGE', 'the flags about TLS go with a rediss:// server', ExitCode.usage, {
      hint: '--url rediss://host:port',
    });
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new RedNodeError('USAGE', 'a certificate and its key go together', ExitCode.usage, {
      hint: '--tls-cert FILE --tls-key FILE',
    });
  }
  const ofEnvironment = env.REDNODE_TLS_CA === '' ? undefined : env.REDNODE_TLS_CA;
  return {
    ca: read('CA certificate', ca ?? ofEnvironment),
    cert: read('certificate', cert),
    key: read('key', key),
    isInsecure: insecure === true,
  };
}

function read(what: string, file: string | undefined): Buffer | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = systemCodeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw new RedNodeError('TLS_FILE_UNREADABLE', `cannot read the TLS ${what} ${file}: ${reason}`, ExitCode.io, {
      hint: 'give the path of a PEM file',
      cause: error,
    });
  }
}
