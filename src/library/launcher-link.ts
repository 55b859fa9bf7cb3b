/** The launcher's process as the test process has it: requests and answers over IPC, and its end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { nodeOptionsFor, packagedProgram } from '../cluster/node-entry.js';
import { ExitCode, RedNodeError } from '../errors.js';
import { stopped, unpackError } from './errors.js';
import {
  FOLDER_VARIABLE,
  type FromLauncherProcess,
  type LauncherRequest,
  type LauncherResults,
} from './launcher-protocol.js';

/** Not the launcher's business: how this process's own code is loaded and measured. */
const LEFT_OUT = new Set(['NODE_OPTIONS', 'NODE_V8_COVERAGE', 'NODE_CHANNEL_FD', 'NODE_UNIQUE_ID']);

interface Waiting {
  readonly resolve: (result: LauncherResults[keyof LauncherResults]) => void;
  readonly reject: (error: RedNodeError) => void;
}

export class LauncherLink {
  /** Resolves when the process is gone. */
  readonly exited: Promise<unknown>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #end: RedNodeError | undefined;

  /** Starts the process, with a folder of its own for everything it writes. */
  constructor(folder: string) {
    const program = packagedProgram('library/launcher-process');
    this.#child = spawn(process.execPath, [...nodeOptionsFor(program), program], {
      env: { ...environment(), [FOLDER_VARIABLE]: folder },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // A process group of its own: Ctrl-C is for the tests, which may want the cluster while they finish.
      detached: true,
      windowsHide: true,
    });
    this.#child.on('message', (message) => {
      this.#receive(message as FromLauncherProcess);
    });
    this.#child.on('error', (error) => {
      this.#ended(lost(error));
    });
    this.#child.on('exit', () => {
      this.#ended(stopped('cluster'));
    });
    this.exited = once(this.#child, 'exit').catch(() => undefined);
    this.#letProcessEnd();
  }

  /** Throws what the launcher threw, CLUSTER_TIMEOUT when there is no answer in time, STOPPED when the process is gone. */
  async request<M extends LauncherRequest['method']>(
    request: LauncherRequest & { readonly method: M },
    timeoutMs: number,
  ): Promise<LauncherResults[M]> {
    if (this.#end !== undefined) throw this.#end;
    const id = ++this.#lastId;
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<LauncherResults[keyof LauncherResults]>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      timer = setTimeout(() => {
        reject(late(request.method, timeoutMs));
      }, timeoutMs);
      this.#child.send({ ...request, id }, (error) => {
        if (error !== null) reject(lost(error));
      });
    });
    // As long as somebody waits for an answer the process must not end.
    this.#child.channel?.ref();
    try {
      return (await answer) as LauncherResults[M];
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#letProcessEnd();
    }
  }

  /** Resolves when the process is gone, which is told to end by closing the channel, and killed when it does not. */
  async end(timeoutMs: number): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    if (this.#end !== undefined) return;
    this.#child.ref();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), timeoutMs);
    await this.exited;
    clearTimeout(timer);
  }

  /** A test process whose work is done ends, cluster or not; the cluster notices. */
  #letProcessEnd(): void {
    this.#child.unref();
    this.#child.channel?.unref();
  }

  #receive(message: FromLauncherProcess): void {
    const waiting = this.#waiting.get(message.id);
    if ('error' in message) waiting?.reject(unpackError(message.error));
    else waiting?.resolve(message.result);
  }

  #ended(reason: RedNodeError): void {
    this.#end ??= reason;
    for (const { reject } of this.#waiting.values()) reject(reason);
  }
}

function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !LEFT_OUT.has(name)));
}

function lost(cause: Error): RedNodeError {
  const message = `the cluster's launcher does not answer: ${cause.message}`;
  return new RedNodeError('CLUSTER_LOST', message, ExitCode.unreachable, { cause });
}

function late(method: string, timeoutMs: number): RedNodeError {
  const message = `the cluster did not answer ${method} within ${timeoutMs / 1000} s`;
  return new RedNodeError('CLUSTER_TIMEOUT', message, ExitCode.timeout);
}
