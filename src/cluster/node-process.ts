/** One node process: started with a log file, talked to by typed messages, watched until it exits. */
import type { ChildProcess, Serializable } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { execaNode } from 'execa';
import { ExitCode, messageOf, RedNodeError } from '../errors.js';
import { parseToLauncher } from '../ipc/messages.js';
import type { NodeReport, ToLauncher, ToNode } from '../ipc/messages.js';
import { packRanges } from '../topology/ranges.js';
import type { Topology } from '../topology/topology.js';
import { nodeOptionsFor } from './node-entry.js';
import { PendingRequests } from './pending-requests.js';
import { fileError, PRIVATE_FILE_MODE } from './private-files.js';

/** A message without its id, which the process numbers itself. */
export type NodeRequest = WithoutId<Exclude<ToNode, { kind: 'tenant-changed' }>>;
type WithoutId<T> = T extends unknown ? Immutable<Omit<T, 'id'>> : never;
type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T;

/** What a node says of its own accord. */
export type NodeNotice = Exclude<ToLauncher, { kind: 'ready' | 'done' | 'failed' }>;

/** A message on its way: slot ranges are packed, the rest is as `ToNode` says. */
type OutgoingMessage = Serializable & { readonly id: number };

export interface NodeExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface NodeProcessOptions {
  readonly name: string;
  /** Path of the program, `.js` or `.ts`. */
  readonly entry: string;
  readonly logFile: string;
  readonly onNotice: (notice: NodeNotice) => void;
  /** Any sign of life, answers included. */
  readonly onHeard: () => void;
}

export class NodeProcess {
  readonly name: string;
  readonly pid: number | undefined;
  /** Resolves when the process is gone, whatever the reason; never rejects. */
  readonly exited: Promise<NodeExit>;
  readonly #child: ChildProcess;
  readonly #pending: PendingRequests;
  readonly #ready: Promise<void>;
  #onReady: () => void = () => undefined;
  #hasExited = false;

  /** Starts the process. Throws FILE_ERROR when its log file cannot be opened. */
  constructor(private readonly options: NodeProcessOptions) {
    this.name = options.name;
    this.#pending = new PendingRequests(options.name);
    this.#ready = new Promise((resolve) => (this.#onReady = resolve));
    this.#child = spawnNode(options);
    this.pid = this.#child.pid;
    this.#child.on('message', (message) => {
      this.#receive(message);
    });
    this.exited = this.#watchExit();
  }

  get isAlive(): boolean {
    return !this.#hasExited;
  }

  /** Resolves at the process's `ready`. Throws NODE_TIMEOUT, or NODE_DIED when it exits first. */
  async ready(timeoutMs: number): Promise<void> {
    const answer = this.#pending.expect('ready', 'start of the process', timeoutMs);
    void this.#ready.then(() => {
      this.#pending.resolve('ready', undefined);
    });
    await answer;
  }

  /**
   * Sends a message, with a socket if it is about one, and waits for the answer.
   * Throws NODE_TIMEOUT, NODE_DIED, or NODE_FAILED with the node's own words.
   */
  request(request: NodeRequest, timeoutMs: number, socket?: Socket): Promise<NodeReport | undefined> {
    const id = this.#pending.nextId();
    const answer = this.#pending.expect(id, request.kind, timeoutMs);
    const message: OutgoingMessage = { ...request, id };
    this.#send('topology' in request ? withPackedRanges(message, request.topology) : message, socket);
    return answer;
  }

  /** The answer to a `tenant-change`, which the node numbered. */
  answerTenantChange(id: number, error: string | undefined): void {
    const message = { kind: 'tenant-changed', id, ...(error !== undefined && { error }) };
    this.#send(message, undefined);
  }

  /** Signals the process; one that is gone already is left in peace. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (!this.#hasExited) this.#child.kill(signal);
  }

  #send(message: OutgoingMessage, socket: Socket | undefined): void {
    if (!this.#child.connected) {
      socket?.destroy();
      this.#pending.reject(message.id, this.#died());
      return;
    }
    this.#child.send(message, socket, {}, (error) => {
      // The process has its own copy now, or never will.
      socket?.destroy();
      if (error) this.#pending.reject(message.id, this.#died(error));
    });
  }

  #receive(message: unknown): void {
    this.options.onHeard();
    let parsed: ToLauncher;
    try {
      parsed = parseToLauncher(message);
    } catch (error) {
      // A node that does not keep to the protocol cannot be trusted with data: it starts over.
      this.#pending.rejectAll(this.#died(error));
      this.kill('SIGKILL');
      return;
    }
    if (parsed.kind === 'ready') this.#onReady();
    else if (parsed.kind === 'done') this.#pending.resolve(parsed.id, parsed.report);
    else if (parsed.kind === 'failed') this.#pending.reject(parsed.id, this.#failed(parsed.code, parsed.message));
    else this.options.onNotice(parsed);
  }

  #watchExit(): Promise<NodeExit> {
    return new Promise((resolve) => {
      const settle = (exit: NodeExit, cause?: unknown): void => {
        this.#hasExited = true;
        this.#pending.rejectAll(this.#died(cause));
        resolve(exit);
      };
      this.#child.on('exit', (code, signal) => {
        settle({ code, signal });
      });
      this.#child.on('error', (error) => {
        // Spawning failed when there is no pid; otherwise the exit follows by itself.
        if (this.pid === undefined) settle({ code: null, signal: null }, error);
      });
    });
  }

  #died(cause?: unknown): RedNodeError {
    const reason = cause === undefined ? '' : `: ${messageOf(cause)}`;
    return new RedNodeError('NODE_DIED', `${this.name} exited${reason}`, ExitCode.unreachable, { cause });
  }

  #failed(code: string, message: string): RedNodeError {
    const exitCode = failureExitCodes[code] ?? ExitCode.internal;
    return new RedNodeError('NODE_FAILED', `${this.name}: ${message}`, exitCode, { context: { code } });
  }
}

/** What a node may fail with that is no fault of its own. */
const failureExitCodes: Readonly<Record<string, ExitCode | undefined>> = {
  PORT_IN_USE: ExitCode.inUse,
  TLS_FILE_UNREADABLE: ExitCode.io,
  TLS_BAD_CERTIFICATE: ExitCode.usage,
  TLS_NO_CA: ExitCode.usage,
};

function withPackedRanges(message: OutgoingMessage, topology: Topology): OutgoingMessage {
  const nodes = topology.nodes.map((node) => ({ ...node, slots: packRanges(node.slots) }));
  return Object.assign({}, message, { topology: { ...topology, nodes } });
}

function spawnNode({ name, entry, logFile }: NodeProcessOptions): ChildProcess {
  const log = openLog(logFile);
  try {
    // A descriptor instead of a pipe: the node goes on logging, and does not block, without its launcher.
    // (Any descriptor will do; execa's types name only the first ten.)
    const output = log as 3;
    const subprocess = execaNode(entry, [name], {
      nodeOptions: nodeOptionsFor(entry),
      stdin: 'ignore',
      stdout: output,
      stderr: output,
      ipc: true,
      serialization: 'advanced',
      buffer: false,
      reject: false,
      cleanup: true,
      detached: false,
      env: nodeEnvironment(),
      extendEnv: false,
    });
    return subprocess;
  } finally {
    closeSync(log);
  }
}

/** The launcher's environment without the password: a node gets its hash by message, and any process list may show the rest. */
function nodeEnvironment(): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && name !== 'REDNODE_ADMIN_PASSWORD') environment[name] = value;
  }
  return environment;
}

function openLog(path: string): number {
  try {
    return openSync(path, 'a', PRIVATE_FILE_MODE);
  } catch (error) {
    throw fileError(`cannot write the log file ${path}`, error);
  }
}
