/** The launcher's Unix socket: answers what other terminals ask, one line of JSON each. */
import { chmod, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { RedNodeError } from '../errors.js';
import { badMessage, MAX_REQUEST_BYTES, parseRequest, toWireError } from './control-protocol.js';
import type { ControlRequest, ControlResponse } from './control-protocol.js';
import { LineSplitter } from './lines.js';
import { fileError, PRIVATE_FILE_MODE } from './private-files.js';
import type { ClusterStatus, NodeActionResult } from './types.js';

const MAX_CONNECTIONS = 256;

export interface ControlHandlers {
  status(): ClusterStatus;
  /** Resolves when no node is left. */
  stop(): Promise<void>;
  kill(node: string): Promise<NodeActionResult>;
  restart(node: string): Promise<NodeActionResult>;
}

export class ControlServer {
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  private constructor(private readonly handlers: ControlHandlers) {
    this.#server = createServer((socket) => {
      this.#accept(socket);
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Listens on that path, replacing a dead launcher's socket file: call it only with the cluster's lock held. Throws FILE_ERROR. */
  static async listen(path: string, handlers: ControlHandlers): Promise<ControlServer> {
    const control = new ControlServer(handlers);
    try {
      await rm(path, { force: true });
      control.#server.listen(path);
      await once(control.#server, 'listening');
      await chmod(path, PRIVATE_FILE_MODE);
    } catch (error) {
      control.#server.close();
      throw fileError(`cannot listen on ${path}`, error);
    }
    return control;
  }

  /** Ends all connections once what was written to them is on its way, and removes the socket file. Once is enough. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#connections) socket.destroySoon();
    await closed;
  }

  #accept(socket: Socket): void {
    const lines = new LineSplitter(MAX_REQUEST_BYTES);
    this.#connections.add(socket);
    socket.on('close', () => this.#connections.delete(socket));
    // A terminal that goes away in the middle of its answer is no event here.
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      try {
        for (const line of lines.push(chunk)) void this.#answer(socket, line);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        write(socket, { id: 0, error: toWireError(badMessage(error.message)) });
        socket.destroySoon();
      }
    });
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    let id = 0;
    try {
      const request = parseRequest(line);
      id = request.id;
      write(socket, { id, result: await this.#perform(request) });
    } catch (error) {
      write(socket, { id, error: toWireError(error) });
      if (error instanceof RedNodeError && error.code === 'BAD_CONTROL_MESSAGE') socket.destroySoon();
    }
  }

  async #perform(request: ControlRequest): Promise<unknown> {
    switch (request.method) {
      case 'status':
        return this.handlers.status();
      case 'stop':
        await this.handlers.stop();
        return {};
      case 'kill':
        return this.handlers.kill(request.params.node);
      case 'restart':
        return this.handlers.restart(request.params.node);
    }
  }
}

function write(socket: Socket, response: ControlResponse): void {
  if (socket.writable) socket.write(`${JSON.stringify(response)}\n`);
}
