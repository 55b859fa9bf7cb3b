/** The requests to one process that wait for an answer, each with its time limit. */
import { ExitCode, RedNodeError } from '../errors.js';
import type { NodeReport } from '../ipc/messages.js';

type RequestId = number | 'ready';

interface Pending {
  readonly resolve: (report: NodeReport | undefined) => void;
  readonly reject: (error: RedNodeError) => void;
  readonly timer: NodeJS.Timeout;
}

export class PendingRequests {
  readonly #pending = new Map<RequestId, Pending>();
  #lastId = 0;
  /** Set once the process is gone: what is asked afterwards fails at once. */
  #end: RedNodeError | undefined;

  constructor(private readonly nodeName: string) {}

  nextId(): number {
    return ++this.#lastId;
  }

  /** Resolves with the answer to that id. Throws NODE_TIMEOUT, or what `reject` or `rejectAll` says. */
  expect(id: RequestId, what: string, timeoutMs: number): Promise<NodeReport | undefined> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(this.#timeout(what, timeoutMs));
      }, timeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
    });
  }

  /** An answer that nobody waits for any more (it came after its time limit) is dropped. */
  resolve(id: RequestId, report: NodeReport | undefined): void {
    this.#take(id)?.resolve(report);
  }

  reject(id: RequestId, error: RedNodeError): void {
    this.#take(id)?.reject(error);
  }

  /** Fails everything that waits and everything to come. */
  rejectAll(error: RedNodeError): void {
    this.#end ??= error;
    for (const id of [...this.#pending.keys()]) this.reject(id, error);
  }

  #take(id: RequestId): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    return pending;
  }

  #timeout(what: string, timeoutMs: number): RedNodeError {
    return new RedNodeError(
      'NODE_TIMEOUT',
      `${this.nodeName} did not answer within ${timeoutMs} ms (${what})`,
      ExitCode.timeout,
    );
  }
}
