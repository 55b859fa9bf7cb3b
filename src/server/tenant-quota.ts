/**
 * What a tenant may keep on this node: how many keys, how much memory, how long. A write is looked at before it runs, for
 * the most that it could add, so that no limit is ever passed by a command of many keys.
 */
import type { Command } from '../command-table/command.js';
import type { TenantLimits } from '../ipc/messages.js';
import { KeyspaceFullError } from '../keyspace/errors.js';
import type { GrowthGuard } from '../keyspace/growth-guard.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Request } from '../resp/request.js';
import { sizeText } from '../tenancy/limits.js';
import type { Tenant } from '../tenancy/registry.js';
import { keyOfRequest, writtenKeys } from './written-keys.js';

const MS_PER_SECOND = 1000;
/** Longest time that one write spends on making room. */
const EVICTION_MS = 5;
const MAX_ATTEMPTS = 8;
const HOW_TO_GO_ON = 'delete keys, or have the limit raised';

export class TenantQuota implements GrowthGuard {
  rejectedForKeys = 0;
  rejectedForMemory = 0;
  /** How long keys live that nobody sets a time for; 0: for ever. */
  readonly defaultTtlMs: number;
  private readonly maxKeys: number;
  private readonly maxBytes: number;
  /** Positions of keys that get the default time to live if the command leaves them without one. */
  private readonly withoutTtl: number[] = [];

  constructor(
    private readonly tenant: Tenant,
    private readonly whole: TenantLimits,
    private readonly here: TenantLimits,
  ) {
    this.maxKeys = here.maxKeys ?? Infinity;
    this.maxBytes = here.maxMemoryBytes ?? Infinity;
    this.defaultTtlMs = (here.defaultTtlSeconds ?? 0) * MS_PER_SECOND;
  }

  static isNeeded({ maxKeys, maxMemoryBytes, defaultTtlSeconds }: TenantLimits): boolean {
    return maxKeys !== undefined || maxMemoryBytes !== undefined || defaultTtlSeconds !== undefined;
  }

  /** The error for a write that could go beyond a limit, or undefined. Makes room first where the tenant wants that. */
  refusal(command: Command, request: Request, keyspace: Keyspace): string | undefined {
    if (!command.flags.includes('denyoom')) return undefined;
    if (this.maxBytes !== Infinity && !this.hasMemoryFor(keyspace, argumentBytes(request))) {
      this.rejectedForMemory++;
      return `OOM ${this.memoryText()}`;
    }
    if (this.maxKeys === Infinity || this.hasPlaces(command, request, keyspace)) return undefined;
    this.rejectedForKeys++;
    return `OOM ${this.keysText()}`;
  }

  /**
   * For values that grow by far more than their request is long, such as SETRANGE at a large offset. Amid a command
   * nothing can be evicted for them.
   */
  admitGrowth(keyspace: Keyspace, bytes: number): void {
    if (keyspace.usedBytes + bytes <= this.maxBytes) return;
    this.rejectedForMemory++;
    throw new KeyspaceFullError(this.memoryText());
  }

  /** Remembers which keys of a write have no time to live to lose, for `giveTtl` after it has run. */
  beforeWrite(command: Command, request: Request, keyspace: Keyspace): void {
    const { withoutTtl } = this;
    withoutTtl.length = 0;
    if (this.defaultTtlMs === 0 || !command.flags.includes('denyoom')) return;
    for (const position of writtenKeys(command, request.argc)) {
      const ref = keyOfRequest(keyspace, request, position);
      if (ref === 0 || keyspace.deadline(ref) >= 0) withoutTtl.push(position);
    }
  }

  /** Gives the default time to live to keys that the write made, or whose own it took away; calls `record` for each. */
  giveTtl(request: Request, keyspace: Keyspace, nowMs: number, record: (position: number, atMs: number) => void): void {
    const deadlineMs = nowMs + this.defaultTtlMs;
    for (const position of this.withoutTtl) {
      const ref = keyOfRequest(keyspace, request, position);
      if (ref === 0 || keyspace.deadline(ref) >= 0) continue;
      keyspace.setDeadline(request.buffer, request.offsets[position], request.lengths[position], ref, deadlineMs);
      record(position, deadlineMs);
    }
  }

  private hasMemoryFor(keyspace: Keyspace, bytes: number): boolean {
    return keyspace.usedBytes + bytes <= this.maxBytes || this.makeRoom(keyspace, Infinity, this.maxBytes - bytes);
  }

  /** Evicting may take keys that the write would have replaced, so it is looked at again. */
  private hasPlaces(command: Command, request: Request, keyspace: Keyspace): boolean {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const added = absentKeys(command, request, keyspace);
      if (added === 0 || keyspace.size + added <= this.maxKeys) return true;
      if (added > this.maxKeys || !this.makeRoom(keyspace, this.maxKeys - added, Infinity)) return false;
    }
    return false;
  }

  /** Evicts the tenant's own keys by its policy until no more than that are left; false when that is not to be had. */
  private makeRoom(keyspace: Keyspace, maxKeys: number, maxBytes: number): boolean {
    const { evict } = this.here;
    return evict !== undefined && keyspace.evictUntil({ maxKeys, maxBytes }, evict, EVICTION_MS) === 'done';
  }

  private keysText(): string {
    const { maxKeys } = this.whole;
    const part = this.here.maxKeys === maxKeys ? '' : ` (${this.here.maxKeys ?? 0} of them on this node)`;
    return `tenant '${this.tenant.name}' is at its MAXKEYS of ${maxKeys ?? 0}${part}: ${HOW_TO_GO_ON}`;
  }

  private memoryText(): string {
    const [whole, here] = [this.whole.maxMemoryBytes ?? 0, this.here.maxMemoryBytes ?? 0];
    const part = here === whole ? '' : ` (${sizeText(here)} of it on this node)`;
    return `tenant '${this.tenant.name}' is at its MAXMEMORY of ${sizeText(whole)}${part}: ${HOW_TO_GO_ON}`;
  }
}

function argumentBytes({ argc, lengths }: Request): number {
  let bytes = 0;
  for (let index = 0; index < argc; index++) bytes += lengths[index];
  return bytes;
}

/** How many keys a write could make: those that are not there, each once. */
function absentKeys(command: Command, request: Request, keyspace: Keyspace): number {
  const positions = writtenKeys(command, request.argc);
  if (positions.length === 1) return keyOfRequest(keyspace, request, positions[0]) === 0 ? 1 : 0;
  const absent = new Set<string>();
  for (const position of positions) {
    if (keyOfRequest(keyspace, request, position) === 0) absent.add(request.bytes(position).toString('latin1'));
  }
  return absent.size;
}
