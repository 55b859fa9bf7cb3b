/** The other end of a launcher's Unix socket: how the CLI asks a running cluster. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type * as z from 'zod/mini';
import { ExitCode, messageOf, RedNodeError } from '../errors.js';
import {
  actionResultSchema,
  fromWireError,
  MAX_RESPONSE_BYTES,
  parseResponse,
  parseResult,
  statusSchema,
} from './control-protocol.js';
import type { ControlResponse } from './control-protocol.js';
import { LineSplitter } from './lines.js';
import type { ClusterStatus, NodeActionResult } from './types.js';

const CONNECT_TIMEOUT_MS = 2_000;
const STATUS_TIMEOUT_MS = 5_000;
const STOP_TIMEOUT_MS = 15_000;
/** Longer than the launcher's own limit for a cluster to settle, so that its partial answer arrives. */
const ACTION_TIMEOUT_MS = 45_000;

interface Waiting {
  readonly resolve: (response: ControlResponse) => void;
  readonly reject: (error: RedNodeError) => void;
}

export class ControlClient {
  readonly #waiting = new Map<number, Waiting>();
  readonly #lines = new LineSplitter(MAX_RESPONSE_BYTES);
  readonly #closed: Promise<void>;
  #lastId = 0;

  private constructor(
    /** The cluster's name. */
    readonly name: string,
    private readonly socket: Socket,
  ) {
    socket.on('data', (chunk) => {
      this.#receive(chunk);
    });
    socket.on('error', (error) => {
      this.#fail(messageOf(error));
    });
    this.#closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#fail('it closed the connection');
        resolve();
      });
    });
  }

  /** Throws NOT_RUNNING (exit code 3) when nobody listens on that path. */
  static async connect(name: string, path: string): Promise<ControlClient> {
    const socket = connect(path);
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) });
    } catch (error) {
      socket.destroy();
      throw new RedNodeError('NOT_RUNNING', `the launcher of cluster ${name} does not answer`, ExitCode.unreachable, {
        cause: error,
      });
    }
    return new ControlClient(name, socket);
  }

  /** What the cluster is like now. */
  status(): Promise<ClusterStatus> {
    return this.#ask(statusSchema, 'status', STATUS_TIMEOUT_MS);
  }

  /** Stops the cluster; resolves when its nodes are gone and its launcher has let go of its folder. */
  async stop(): Promise<void> {
    const response = await this.#send('stop', STOP_TIMEOUT_MS);
    if (response.error !== undefined) throw fromWireError(response.error);
    const timer = setTimeout(() => this.socket.destroy(), STOP_TIMEOUT_MS);
    await this.#closed;
    clearTimeout(timer);
  }

  /** Kills a node's process; resolves when the cluster is whole again, or with what is known by then. */
  kill(node: string): Promise<NodeActionResult> {
    return this.#ask(actionResultSchema, 'kill', ACTION_TIMEOUT_MS, { node });
  }

  /** Restarts a node gracefully; resolves as `kill` does. */
  restart(node: string): Promise<NodeActionResult> {
    return this.#ask(actionResultSchema, 'restart', ACTION_TIMEOUT_MS, { node });
  }

  close(): void {
    this.socket.destroy();
  }

  async #ask<T>(
    schema: z.ZodMiniType<T>,
    method: string,
    timeoutMs: number,
    params?: { readonly node: string },
  ): Promise<T> {
    const response = await this.#send(method, timeoutMs, params);
    if (response.error !== undefined) throw fromWireError(response.error);
    return parseResult(schema, response.result);
  }

  #send(method: string, timeoutMs: number, params?: { readonly node: string }): Promise<ControlResponse> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) {
        reject(this.#lost('the connection is closed'));
        return;
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        const message = `the launcher of cluster ${this.name} did not answer ${method} within ${timeoutMs / 1000} s`;
        reject(new RedNodeError('CONTROL_TIMEOUT', message, ExitCode.timeout));
      }, timeoutMs);
      this.#waiting.set(id, {
        resolve: (response) => {
          clearTimeout(timer);
          resolve(response);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.socket.write(`${JSON.stringify({ id, method, ...(params && { params }) })}\n`);
    });
  }

  #receive(chunk: Buffer): void {
    try {
      for (const line of this.#lines.push(chunk)) {
        const response = parseResponse(line);
        const waiting = this.#waiting.get(response.id);
        this.#waiting.delete(response.id);
        waiting?.resolve(response);
      }
    } catch (error) {
      this.#fail(messageOf(error));
      this.socket.destroy();
    }
  }

  #fail(reason: string): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(this.#lost(reason));
  }

  #lost(reason: string): RedNodeError {
    const message = `the connection to the launcher of cluster ${this.name} is lost: ${reason}`;
    return new RedNodeError('CONTROL_LOST', message, ExitCode.unreachable);
  }
}

/** Whether a launcher answers on that path. */
export async function isListening(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) });
    return true;
  } catch (error) {
    // Refused, missing or too slow: in each case there is no launcher to talk to.
    if (error instanceof Error) return false;
    throw error;
  } finally {
    socket.destroy();
  }
}
