/** What other terminals ask a launcher: lines of JSON over its Unix socket, validated on both sides. */
import * as z from 'zod/mini';
import { ExitCode, messageOf, RedNodeError } from '../errors.js';
import { nodeReportSchema } from '../ipc/messages.js';
import type { ClusterStatus, NodeActionResult } from './types.js';

/** A request names a node at the most. */
export const MAX_REQUEST_BYTES = 64 * 1024;
/** A status lists the slot ranges of every node: some ten KiB each. */
export const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

const nodeParams = z.object({ node: z.string() });

const requestSchema = z.discriminatedUnion('method', [
  z.object({ id: z.int(), method: z.literal('status') }),
  z.object({ id: z.int(), method: z.literal('stop') }),
  z.object({ id: z.int(), method: z.literal('kill'), params: nodeParams }),
  z.object({ id: z.int(), method: z.literal('restart'), params: nodeParams }),
]);

export type ControlRequest = z.infer<typeof requestSchema>;

const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  exitCode: z.int(),
  hint: z.optional(z.string()),
  context: z.optional(z.record(z.string(), z.string())),
});

const responseSchema = z.object({ id: z.int(), result: z.optional(z.unknown()), error: z.optional(errorSchema) });

export type ControlResponse = z.infer<typeof responseSchema>;

const slots = z.string().check(z.regex(/^(\d+(-\d+)?(,\d+(-\d+)?)*)?$/));
const role = z.enum(['master', 'replica']);

const nodeStatusSchema = z.object({
  name: z.string(),
  id: z.string(),
  host: z.string(),
  port: z.int(),
  tlsPort: z.optional(z.int()),
  role,
  health: z.enum(['online', 'syncing', 'down']),
  masterName: z.optional(z.string()),
  slots,
  slotCount: z.int(),
  pid: z.optional(z.int()),
  uptimeMs: z.optional(z.number()),
  restarts: z.int(),
  lagBytes: z.optional(z.number()),
  report: z.optional(nodeReportSchema),
  url: z.string(),
  tlsUrl: z.optional(z.string()),
  logFile: z.string(),
});

const eventSchema = z.object({
  atMs: z.number(),
  kind: z.enum(['node-died', 'node-started', 'promoted', 'in-sync', 'full-sync', 'data-lost', 'gave-up']),
  node: z.string(),
  message: z.string(),
});

export const statusSchema: z.ZodMiniType<ClusterStatus> = z.object({
  name: z.string(),
  state: z.enum(['starting', 'ready', 'degraded', 'failing', 'stopping']),
  epoch: z.int(),
  launcherPid: z.int(),
  directory: z.string(),
  ephemeral: z.boolean(),
  startedAtMs: z.number(),
  readyInMs: z.optional(z.number()),
  slotsServed: z.int(),
  tenants: z.array(z.string()),
  nodes: z.array(nodeStatusSchema),
  events: z.array(eventSchema),
});

export const actionResultSchema: z.ZodMiniType<NodeActionResult> = z.object({
  node: z.string(),
  pid: z.int(),
  promoted: z.optional(z.object({ node: z.string(), afterMs: z.number(), slots, slotCount: z.int() })),
  back: z.optional(
    z.object({
      pid: z.int(),
      role,
      masterName: z.optional(z.string()),
      afterMs: z.number(),
      sync: z.optional(z.object({ kind: z.enum(['full', 'partial']), bytes: z.number() })),
    }),
  ),
});

/** Throws BAD_CONTROL_MESSAGE. */
export function parseRequest(line: string): ControlRequest {
  return parseLine(requestSchema, line);
}

/** Throws BAD_CONTROL_MESSAGE. */
export function parseResponse(line: string): ControlResponse {
  return parseLine(responseSchema, line);
}

/** Throws BAD_CONTROL_MESSAGE. */
export function parseResult<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badMessage(z.prettifyError(parsed.error));
}

function parseLine<T>(schema: z.ZodMiniType<T>, line: string): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw badMessage(messageOf(error));
  }
  return parseResult(schema, value);
}

export function badMessage(reason: string): RedNodeError {
  return new RedNodeError(
    'BAD_CONTROL_MESSAGE',
    `invalid message on the control socket: ${reason}`,
    ExitCode.internal,
    {
      hint: 'the cluster may have been started by another version of rednode: stop and start it again',
    },
  );
}

/** An error as it travels. What is no RedNodeError is a defect, and says so. */
export function toWireError(error: unknown): NonNullable<ControlResponse['error']> {
  const known =
    error instanceof RedNodeError
      ? error
      : new RedNodeError('INTERNAL', messageOf(error), ExitCode.internal, { cause: error });
  const { code, message, exitCode, hint, context } = known;
  return { code, message, exitCode, context: { ...context }, ...(hint === undefined ? {} : { hint }) };
}

const exitCodes: ReadonlySet<number> = new Set(Object.values(ExitCode));

export function fromWireError({
  code,
  message,
  exitCode,
  hint,
  context,
}: NonNullable<ControlResponse['error']>): RedNodeError {
  const known = exitCodes.has(exitCode) ? (exitCode as ExitCode) : ExitCode.internal;
  return new RedNodeError(code, message, known, {
    ...(hint === undefined ? {} : { hint }),
    ...(context && { context }),
  });
}
