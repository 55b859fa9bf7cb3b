/** How a node listens for TLS: where, with which certificate, and what it asks of its clients. */

/** Whether a client has to show a certificate: Redis's tls-auth-clients. `optional`: it need not, but one that it shows must be valid. */
export const TLS_AUTH_CLIENTS = ['yes', 'no', 'optional'] as const;
export type TlsAuthClients = (typeof TLS_AUTH_CLIENTS)[number];

/** Files and rules, the same for all nodes of a cluster. */
export interface TlsIdentity {
  /** PEM files; the certificate may be followed by its chain. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Whose signature on a client's certificate counts. */
  readonly caFile?: string | undefined;
  readonly authClients: TlsAuthClients;
}

export interface TlsConfig extends TlsIdentity {
  /** 0: any free port. */
  readonly port: number;
  /** Whether the port for TLS is the only one. */
  readonly isOnly: boolean;
}
