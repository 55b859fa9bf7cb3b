/** What the client is asked for and what it answers: shared by the shell and the CLI commands. */
import type { Reply } from '../resp/reply.js';
import type { SlotRange } from '../topology/topology.js';

export type CommandArgument = string | Uint8Array;

/** A command as it is sent: its name, then its arguments. Strings go out as UTF-8. */
export type CommandWords = readonly CommandArgument[];

/** Where to connect, and as whom. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Tenant name, or undefined for the unauthenticated default. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: boolean | undefined;
  readonly tlsOptions?: TlsClientOptions | undefined;
}

/** How the other side of TLS is checked, and what it is shown; all of it PEM. */
export interface TlsClientOptions {
  /** In place of the CAs that the runtime knows. */
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
  /** Takes whoever answers for the right one. */
  readonly isInsecure?: boolean | undefined;
}

export interface ClientOptions {
  readonly endpoint: Endpoint;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  /** Shown by CLIENT LIST. */
  readonly clientName?: string | undefined;
  /** Told of things a person may want to know: a node was lost, the topology was read again, a command was retried. */
  readonly onNotice?: ((message: string) => void) | undefined;
}

/** A node as the client knows it; `name` is `host:port` where the server does not tell one. */
export interface ClientNode {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly role: 'master' | 'replica';
  readonly masterName?: string | undefined;
  readonly health: string;
  readonly slots: readonly SlotRange[];
  readonly slotCount: number;
  readonly replicationOffset: number;
}

/** A reply and where it came from. */
export interface RoutedReply {
  readonly reply: Reply;
  /** Names of the nodes that answered. */
  readonly nodes: readonly string[];
  /** For a split multi-key read whose reply is a list per key: which node answered each item. */
  readonly itemNodes?: readonly string[] | undefined;
  readonly elapsedMs: number;
}

export interface ClientStats {
  commands: number;
  /** Commands that were split over several nodes. */
  split: number;
  moved: number;
  ask: number;
  retries: number;
  reconnects: number;
  topologyRefreshes: number;
}

export interface KeyRoute {
  readonly key: string;
  /** The part in braces that alone is hashed, or undefined. */
  readonly hashTag: string | undefined;
  readonly slot: number;
  readonly master: ClientNode | undefined;
  readonly replicas: readonly ClientNode[];
}

export interface Explanation {
  readonly command: string;
  readonly isWrite: boolean;
  readonly keys: readonly KeyRoute[];
  /** How it is sent: `single`, `split` over the nodes of its keys, `all` masters, or `any` node. */
  readonly routing: 'single' | 'split' | 'all' | 'any' | 'crossslot';
  /** Names of the nodes that it is sent to. */
  readonly targets: readonly string[];
}
