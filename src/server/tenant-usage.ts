/** What one tenant does on this node: counted since it was first used here, and slowed where it has a limit for it. */
import type { TenantLimits } from '../ipc/messages.js';
import type { CommandTally } from './command-tally.js';
import type { Tenant } from '../tenancy/registry.js';
import { TenantQuota } from './tenant-quota.js';
import { TenantThrottle } from './tenant-throttle.js';

export class TenantUsage {
  /** Connections that authenticated as it. */
  connections = 0;
  commands = 0;
  inputBytes = 0;
  outputBytes = 0;
  rejectedConnections = 0;
  maxConnections = Infinity;
  /** What its commands have cost; made when it first runs some. */
  tally: CommandTally | undefined;
  /** Undefined as long as it may run as many commands as it likes. */
  throttle: TenantThrottle | undefined;
  /** Undefined as long as nothing limits what it keeps. */
  quota: TenantQuota | undefined;
  /** Of throttles and quotas that are gone. */
  private throttledBeforeMs = 0;
  private readonly rejectedBefore = { keys: 0, memory: 0 };
  /** When a token of it was last used here, by the token's id. */
  private readonly lastUsed = new Map<string, number>();

  constructor(readonly tenant: Tenant) {}

  get throttledMs(): number {
    return Math.round(this.throttledBeforeMs + (this.throttle?.throttledMs ?? 0));
  }

  /** Writes refused for the number of keys, and for memory. */
  get rejected(): { readonly keys: number; readonly memory: number } {
    const { rejectedBefore, quota } = this;
    return {
      keys: rejectedBefore.keys + (quota?.rejectedForKeys ?? 0),
      memory: rejectedBefore.memory + (quota?.rejectedForMemory ?? 0),
    };
  }

  /** Takes over limits: `whole` as they were given, `here` what of them is this node's part. */
  setLimits(whole: TenantLimits, here: TenantLimits): void {
    this.maxConnections = here.maxConnections ?? Infinity;
    this.setRate(here.maxOpsPerSecond);
    if (this.quota !== undefined) {
      this.rejectedBefore.keys += this.quota.rejectedForKeys;
      this.rejectedBefore.memory += this.quota.rejectedForMemory;
    }
    this.quota = TenantQuota.isNeeded(here) ? new TenantQuota(this.tenant, whole, here) : undefined;
  }

  private setRate(rate: number | undefined): void {
    const { throttle } = this;
    if (rate !== undefined && throttle !== undefined) {
      throttle.setRate(rate);
    } else if (rate !== undefined) {
      this.throttle = new TenantThrottle(rate);
    } else if (throttle !== undefined) {
      this.throttle = undefined;
      throttle.release();
      this.throttledBeforeMs += throttle.throttledMs;
    }
  }

  tokenUsed(id: string, nowMs: number): void {
    this.lastUsed.set(id, nowMs);
  }

  /** Milliseconds since the epoch; 0 when it has not been used since the node started. */
  tokenLastUsedMs(id: string): number {
    return this.lastUsed.get(id) ?? 0;
  }
}
