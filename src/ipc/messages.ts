/**
 * The messages between the launcher and a node process, validated on both sides. Handles (one end of a replication
 * socket) travel beside the message that announces them.
 */
import * as z from 'zod/mini';
import { RedNodeError, ExitCode } from '../errors.js';
import { areValidPackedRanges, unpackRanges } from '../topology/ranges.js';

const slotRange = z.object({ start: z.int(), end: z.int() });

/**
 * Placement by hashing gives every master thousands of ranges, so the launcher sends them packed: as objects, checking those of
 * one topology takes a starting node ten times as long.
 */
const packedRanges = z.pipe(
  z.instanceof(Uint16Array).check(z.refine(areValidPackedRanges, 'slot ranges are not ascending')),
  z.transform(unpackRanges),
);

const topologyNode = z.object({
  name: z.string(),
  id: z.string(),
  host: z.string(),
  port: z.int(),
  role: z.enum(['master', 'replica']),
  masterName: z.optional(z.string()),
  health: z.enum(['online', 'syncing', 'down']),
  slots: z.union([packedRanges, z.array(slotRange)]),
});

const topologySchema = z.object({
  epoch: z.int(),
  clusterName: z.string(),
  nodes: z.array(topologyNode),
});

/** A tenant as the registry keeps it: tokens as SHA-256 hashes, hex. */
export const tenantRecordSchema = z.object({
  name: z.string(),
  /** Database number: stable for the life of the tenant, never given to another. */
  database: z.int(),
  tokenHashes: z.array(z.string()),
  createdAtMs: z.number(),
});

export type TenantRecord = z.infer<typeof tenantRecordSchema>;

export const nodeOptionsSchema = z.object({
  host: z.string(),
  port: z.int(),
  maxMemoryBytes: z.number(),
  logLevel: z.string(),
  /** SHA-256 of the admin password, hex; absent when the node is open. */
  adminPasswordHash: z.optional(z.string()),
});

export type NodeOptions = z.infer<typeof nodeOptionsSchema>;

/** Launcher to node. Each request carries an `id` and is answered by `done` or `failed` with the same one. */
const toNode = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('start'),
    id: z.int(),
    /** The node's own short name in the topology. */
    name: z.string(),
    options: nodeOptionsSchema,
    topology: topologySchema,
    tenants: z.array(tenantRecordSchema),
  }),
  /**
   * The node's role follows from its own entry in the topology. A replica that finds itself master is promoted;
   * `masterOffset` is the end of its master's log, where that is known.
   */
  z.object({
    kind: z.literal('topology'),
    id: z.int(),
    topology: topologySchema,
    masterOffset: z.optional(z.number()),
  }),
  z.object({ kind: z.literal('tenants'), id: z.int(), tenants: z.array(tenantRecordSchema) }),
  /** With a socket: this end feeds the named replica / is fed by the named master. */
  z.object({ kind: z.literal('link'), id: z.int(), side: z.enum(['master', 'replica']), peer: z.string() }),
  /** Answered by `done` with the value of a NodeReport at once. */
  z.object({ kind: z.literal('report'), id: z.int() }),
  /** Answers to `tenant-change`. */
  z.object({ kind: z.literal('tenant-changed'), id: z.int(), error: z.optional(z.string()) }),
  z.object({ kind: z.literal('shutdown'), id: z.int() }),
]);

export type ToNode = z.infer<typeof toNode>;

export const nodeReportSchema = z.object({
  role: z.enum(['master', 'replica']),
  /** Bytes in the replication log since it began: what this node has written (master) or applied (replica). */
  offset: z.number(),
  /** As a replica: whether the link is up, and the full sync over. */
  inSync: z.boolean(),
  linkUp: z.boolean(),
  /** As a master: what each linked replica has acknowledged, by its name. */
  replicas: z.array(z.object({ name: z.string(), ackOffset: z.number(), inSync: z.boolean() })),
  keys: z.number(),
  memoryBytes: z.number(),
  /** Resident set size of the process. */
  rssBytes: z.number(),
  clients: z.number(),
  /** Commands per second over the last heartbeat interval. */
  opsPerSecond: z.number(),
  commandsProcessed: z.number(),
  /** Kind of the last completed sync as a replica. */
  lastSync: z.optional(z.object({ kind: z.enum(['full', 'partial']), bytes: z.number(), ms: z.number() })),
});

export type NodeReport = z.infer<typeof nodeReportSchema>;

/** Node to launcher. */
const toLauncher = z.discriminatedUnion('kind', [
  /** The process is up and waits for `start`. */
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('done'), id: z.int(), report: z.optional(nodeReportSchema) }),
  z.object({ kind: z.literal('failed'), id: z.int(), code: z.string(), message: z.string() }),
  z.object({ kind: z.literal('heartbeat'), report: nodeReportSchema }),
  /** A replica has finished its sync, or lost its link (to be given a new one). */
  z.object({ kind: z.literal('sync'), state: z.enum(['in-sync', 'lost']), report: nodeReportSchema }),
  /** TENANT CREATE/DROP arrived at this node: the launcher changes the registry, tells every node, then answers `tenant-changed`. */
  z.object({
    kind: z.literal('tenant-change'),
    id: z.int(),
    change: z.discriminatedUnion('op', [
      z.object({ op: z.literal('create'), name: z.string(), tokenHash: z.string() }),
      z.object({ op: z.literal('drop'), name: z.string() }),
    ]),
  }),
  /** SHUTDOWN arrived at this node: it is about to exit and wants no restart. */
  z.object({ kind: z.literal('leaving') }),
]);

export type ToLauncher = z.infer<typeof toLauncher>;
export type TenantChange = Extract<ToLauncher, { kind: 'tenant-change' }>['change'];

function parser<T>(schema: z.ZodMiniType<T>, from: string): (message: unknown) => T {
  return (message) => {
    const result = schema.safeParse(message);
    if (result.success) return result.data;
    throw new RedNodeError(
      'BAD_MESSAGE',
      `invalid IPC message from the ${from}: ${z.prettifyError(result.error)}`,
      ExitCode.internal,
    );
  };
}

/** Throws BAD_MESSAGE for anything that is not a valid message. */
export const parseToNode: (message: unknown) => ToNode = parser<ToNode>(toNode, 'launcher');
export const parseToLauncher: (message: unknown) => ToLauncher = parser<ToLauncher>(toLauncher, 'node');
