/** The cluster's tenant registry: changes arrive at any node, hold everywhere when they are answered, and are kept. */
import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { TenantChange, TenantEffect } from '../ipc/messages.js';
import { decide } from '../tenancy/authority.js';
import { TenantRecords, type TenantsState } from '../tenancy/records.js';

export interface TenantChangesOptions {
  readonly initial: TenantsState;
  readonly clock: Clock;
  /** Keeps an effect before it holds; a change that cannot be kept is refused. */
  readonly persist: (effect: TenantEffect, tenantCount: number) => Promise<void>;
  /** Tells every node; settles when all have answered or are gone. */
  readonly distribute: (effect: TenantEffect) => Promise<void>;
}

export class TenantChanges {
  readonly #records: TenantRecords;
  #queue: Promise<unknown> = Promise.resolve();
  #version = 0;

  constructor(private readonly options: TenantChangesOptions) {
    this.#records = new TenantRecords(options.initial);
  }

  /** Grows with every change: whoever was told of an earlier version has missed something. */
  get version(): number {
    return this.#version;
  }

  get state(): TenantsState {
    return this.#records.state;
  }

  /** Applies changes one after the other. Resolves with the error to answer (`ERR ...`), or undefined when the change holds. */
  apply(change: TenantChange): Promise<string | undefined> {
    const outcome = this.#queue.then(() => this.#applyNow(change));
    this.#queue = outcome;
    return outcome;
  }

  async #applyNow(change: TenantChange): Promise<string | undefined> {
    const decision = decide(this.#records, change, this.options.clock.now());
    if ('refusal' in decision) return decision.refusal;
    const { effect } = decision;
    try {
      if (effect.op !== 'flush') await this.options.persist(effect, this.#records.size);
    } catch (error) {
      return `ERR the tenant registry cannot be kept: ${messageOf(error)}`;
    }
    this.#records.apply(effect);
    this.#version++;
    await this.options.distribute(effect);
    return undefined;
  }
}
