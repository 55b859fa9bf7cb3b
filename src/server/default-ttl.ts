/** Keys that a tenant's writes leave without a time to live get the tenant's default, on the replicas as well. */
import type { Command } from '../command-table/command.js';
import type { CommandContext } from '../command-table/context.js';
import type { Request } from '../resp/request.js';
import type { TenantQuota } from './tenant-quota.js';

const PLAIN_SET_WORDS = 3;

/** To be called after a write that `quota.beforeWrite` has seen. */
export function giveDefaultTtl(quota: TenantQuota, command: Command, request: Request, context: CommandContext): void {
  if (quota.defaultTtlMs === 0) return;
  quota.giveTtl(request, context.keyspace, context.now, (position, deadlineMs) => {
    record(command, request, position, deadlineMs, context);
  });
}

/** A plain SET and its deadline are one effect, so that no replica ever has the one without the other. */
function record(
  command: Command,
  request: Request,
  position: number,
  deadlineMs: number,
  { effect }: CommandContext,
): void {
  if (!effect.isRecording) return;
  if (!effect.isReplaced && command.name === 'SET' && request.argc === PLAIN_SET_WORDS) {
    effect.replace('SET', request.bytes(1), request.bytes(2), 'PXAT', String(deadlineMs));
    return;
  }
  if (!effect.isReplaced) effect.replace(...request.copyArguments());
  effect.replace('PEXPIREAT', request.bytes(position), String(deadlineMs));
}
