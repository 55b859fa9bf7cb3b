/** The cluster's tenant registry: changes arrive at any node, hold everywhere when they are answered, and are kept. */
import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { TenantChange, TenantRecord } from '../ipc/messages.js';
import { changedRegistry } from '../tenancy/authority.js';

export interface TenantsState {
  readonly records: readonly TenantRecord[];
  /** Database number of the next tenant. */
  readonly nextDatabase: number;
}

export interface TenantChangesOptions {
  readonly initial: TenantsState;
  readonly clock: Clock;
  /** Keeps the registry; a change that cannot be kept is refused. */
  readonly persist: (state: TenantsState) => Promise<void>;
  /** Tells every node; settles when all have answered or are gone. */
  readonly distribute: (records: readonly TenantRecord[]) => Promise<void>;
}

export class TenantChanges {
  #state: TenantsState;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: TenantChangesOptions) {
    this.#state = options.initial;
  }

  get state(): TenantsState {
    return this.#state;
  }

  /** Applies changes one after the other. Resolves with the error to answer (`ERR ...`), or undefined when the change holds. */
  apply(change: TenantChange): Promise<string | undefined> {
    const outcome = this.#queue.then(() => this.#applyNow(change));
    this.#queue = outcome;
    return outcome;
  }

  async #applyNow(change: TenantChange): Promise<string | undefined> {
    const { records, nextDatabase } = this.#state;
    const outcome = changedRegistry(records, change, nextDatabase, this.options.clock.now());
    if ('refusal' in outcome) return outcome.refusal;
    const next = { records: outcome.records, nextDatabase: nextDatabase + (change.op === 'create' ? 1 : 0) };
    try {
      await this.options.persist(next);
    } catch (error) {
      return `ERR the tenant registry cannot be kept: ${messageOf(error)}`;
    }
    this.#state = next;
    await this.options.distribute(next.records);
    return undefined;
  }
}
