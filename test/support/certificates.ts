/** Certificates for tests: a CA, and what it has signed. Made anew for each run, in a folder of the test's. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generate } from 'selfsigned';
import { temporaryFolder } from './temporary-folder.js';

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

export interface Certificates extends AsyncDisposable {
  readonly folder: string;
  readonly caFile: string;
  readonly ca: string;
  /** Of localhost, 127.0.0.1 and ::1. */
  readonly server: Certificate;
  readonly client: Certificate;
  /** Signed by nobody else. */
  readonly stranger: Certificate;
}

const DNS_NAME = 2;
const IP_ADDRESS = 7;
const localNames = [
  { type: DNS_NAME, value: 'localhost' },
  { type: IP_ADDRESS, ip: '127.0.0.1' },
  { type: IP_ADDRESS, ip: '::1' },
] as const;

export async function makeCertificates(): Promise<Certificates> {
  const folder = await temporaryFolder('tls');
  const authority = await generate([{ name: 'commonName', value: 'RedNode test CA' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const sign = async (name: string, isOwn: boolean): Promise<Certificate> => {
    const made = await generate([{ name: 'commonName', value: name }], {
      keySize: 2048,
      algorithm: 'sha256',
      extensions: [{ name: 'subjectAltName', altNames: [...localNames] }],
      ...(isOwn ? { ca: { key: authority.private, cert: authority.cert } } : {}),
    });
    const [certFile, keyFile] = [path.join(folder.path, `${name}.crt`), path.join(folder.path, `${name}.key`)];
    await writeFile(certFile, made.cert);
    await writeFile(keyFile, made.private);
    return { certFile, keyFile, cert: made.cert, key: made.private };
  };
  const caFile = path.join(folder.path, 'ca.crt');
  await writeFile(caFile, authority.cert);
  return {
    folder: folder.path,
    caFile,
    ca: authority.cert,
    server: await sign('localhost', true),
    client: await sign('client', true),
    stranger: await sign('stranger', false),
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}
