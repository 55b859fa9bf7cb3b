/** Tenant changes of a node in a cluster: the launcher decides, tells every node, and answers. */
import type { TenantChange, ToLauncher } from '../ipc/messages.js';
import type { TenantAuthority } from '../tenancy/authority.js';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class RemoteAuthority implements TenantAuthority {
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;

  constructor(private readonly send: (message: ToLauncher) => void) {}

  /** How long to wait is up to the caller: an answer that comes later finds nobody and is dropped. */
  apply(change: TenantChange): Promise<void> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send({ kind: 'tenant-change', id, change });
    });
  }

  /** The launcher's answer: with an error, nothing has changed. */
  settle(id: number, error: string | undefined): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) waiting?.resolve();
    else waiting?.reject(new Error(error));
  }
}
