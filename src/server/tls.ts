/** The TLS side of a node: its certificate, read once, and which clients it lets in by theirs. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type TlsOptions, type TLSSocket } from 'node:tls';
import type { TlsConfig } from '../config/tls-config.js';
import { ExitCode, messageOf, RedNodeError, systemCodeOf } from '../errors.js';

/** Options of a TLS server. Throws TLS_FILE_UNREADABLE, TLS_BAD_CERTIFICATE and TLS_NO_CA, which name the file. */
export function tlsServerOptions(config: TlsConfig): TlsOptions {
  const { certFile, keyFile, caFile, authClients } = config;
  const cert = readPem('certificate', certFile);
  const key = readPem('key', keyFile);
  const ca = caFile === undefined ? undefined : readPem('CA certificate', caFile);
  if (ca === undefined && authClients !== 'no') throw noCa(authClients);
  check(() => new X509Certificate(cert), `${certFile} holds no certificate in PEM form`);
  check(() => createSecureContext({ key }), `${keyFile} holds no private key in PEM form, without a passphrase`);
  check(
    () => createSecureContext({ cert, key }),
    `the key in ${keyFile} is not that of the certificate in ${certFile}`,
  );
  if (ca !== undefined) check(() => new X509Certificate(ca), `${caFile ?? ''} holds no certificate in PEM form`);
  return {
    cert,
    key,
    ...(ca === undefined ? {} : { ca }),
    requestCert: authClients !== 'no',
    rejectUnauthorized: authClients === 'yes',
  };
}

/** Whether a client whose handshake is done may stay: with `optional`, a certificate that it showed must be valid. */
export function isClientAccepted(socket: TLSSocket, { authClients }: TlsConfig): boolean {
  if (authClients !== 'optional' || socket.authorized) return true;
  return socket.getPeerX509Certificate() === undefined;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
};

function readPem(what: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = reasons[systemCodeOf(error) ?? ''] ?? messageOf(error);
    throw new RedNodeError('TLS_FILE_UNREADABLE', `cannot read the TLS ${what} ${file}: ${reason}`, ExitCode.io, {
      hint: 'give the path of a PEM file that this user may read',
      cause: error,
    });
  }
}

function check(use: () => unknown, failure: string): void {
  try {
    use();
  } catch (cause) {
    throw new RedNodeError('TLS_BAD_CERTIFICATE', `${failure} (${messageOf(cause)})`, ExitCode.usage, {
      hint: 'openssl x509 -noout -text -in FILE shows what a certificate holds',
      cause,
    });
  }
}

function noCa(authClients: string): RedNodeError {
  return new RedNodeError(
    'TLS_NO_CA',
    `clients cannot be asked for certificates (tls-auth-clients ${authClients}) without a CA to check them against`,
    ExitCode.usage,
    { hint: 'give --tls-ca FILE, or --tls-auth-clients no' },
  );
}
