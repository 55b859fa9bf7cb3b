/**
 * The messages between the launcher and a node process, validated on both sides. Handles (one end of a replication
 * socket) travel beside the message that announces them.
 */
import * as z from 'zod/mini';
import { evictionPolicies } from '../config/eviction-policy.js';
import { TLS_AUTH_CLIENTS } from '../config/tls-config.js';
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
  tlsPort: z.optional(z.int()),
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

const TOKEN_ID_LENGTH = 8;

/** Long enough that no two tokens of a tenant share it, too short to help anybody find the secret. */
export function tokenIdOf(hash: string): string {
  return hash.slice(0, TOKEN_ID_LENGTH);
}

/** What a tenant may use; what is absent is not limited. */
const tenantLimitsSchema = z.object({
  maxKeys: z.optional(z.int()),
  maxMemoryBytes: z.optional(z.int()),
  maxOpsPerSecond: z.optional(z.int()),
  maxConnections: z.optional(z.int()),
  /** Seconds that a key lives for which nobody says how long. */
  defaultTtlSeconds: z.optional(z.int()),
  /** Without one, writes over a limit are refused. */
  evict: z.optional(z.enum(evictionPolicies)),
});

export type TenantLimits = z.infer<typeof tenantLimitsSchema>;

/** A token as it is kept: never the secret itself. */
const tenantTokenSchema = z.object({
  /** Names it among the tokens of its tenant. */
  id: z.string(),
  /** SHA-256 of the secret, hex. */
  hash: z.string(),
  createdAtMs: z.number(),
  expiresAtMs: z.optional(z.number()),
  readOnly: z.optional(z.boolean()),
  /** Commands and `@categories` that it is for; absent: all that a tenant may run. */
  commands: z.optional(z.array(z.string())),
  /** Patterns that keys and channels must match; absent: all. */
  keys: z.optional(z.array(z.string())),
});

export type TenantToken = z.infer<typeof tenantTokenSchema>;

/** A tenant as the registry keeps it. Records of earlier versions have the hashes of their tokens and nothing else of them. */
export const tenantRecordSchema = z.pipe(
  z.object({
    name: z.string(),
    /** Database number: stable for the life of the tenant, never given to another. */
    database: z.int(),
    tokenHashes: z.optional(z.array(z.string())),
    tokens: z.optional(z.array(tenantTokenSchema)),
    limits: z.optional(tenantLimitsSchema),
    createdAtMs: z.number(),
  }),
  z.transform(({ name, database, tokenHashes = [], tokens, limits = {}, createdAtMs }) => ({
    name,
    database,
    tokens: tokens ?? tokenHashes.map((hash) => ({ id: tokenIdOf(hash), hash, createdAtMs })),
    limits,
    createdAtMs,
  })),
);

export interface TenantRecord {
  readonly name: string;
  readonly database: number;
  readonly tokens: readonly TenantToken[];
  readonly limits: TenantLimits;
  readonly createdAtMs: number;
}

/** What is asked of whoever decides on tenants. */
const tenantChangeSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('create'), name: z.string(), token: tenantTokenSchema, limits: tenantLimitsSchema }),
  z.object({ op: z.literal('drop'), name: z.string() }),
  z.object({ op: z.literal('flush'), name: z.string() }),
  z.object({ op: z.literal('rename'), name: z.string(), newName: z.string() }),
  /** `cleared` names the limits that are lifted. */
  z.object({
    op: z.literal('limit'),
    name: z.string(),
    limits: tenantLimitsSchema,
    cleared: z.array(z.keyof(tenantLimitsSchema)),
  }),
  z.object({ op: z.literal('add-token'), name: z.string(), token: tenantTokenSchema }),
  z.object({ op: z.literal('revoke-token'), name: z.string(), id: z.string() }),
]);

export type TenantChange = z.infer<typeof tenantChangeSchema>;

/** What a change comes to, as every node applies it and as it is kept: an assignment, so that applying it twice does no harm. */
export const tenantEffectSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('put'), record: tenantRecordSchema }),
  z.object({ op: z.literal('remove'), database: z.int() }),
  /** Changes nothing that is kept. */
  z.object({ op: z.literal('flush'), database: z.int() }),
]);

export type TenantEffect =
  | { readonly op: 'put'; readonly record: TenantRecord }
  | { readonly op: 'remove'; readonly database: number }
  | { readonly op: 'flush'; readonly database: number };

export const nodeOptionsSchema = z.object({
  host: z.string(),
  port: z.int(),
  maxMemoryBytes: z.number(),
  evictionPolicy: z.optional(z.enum(evictionPolicies)),
  logLevel: z.string(),
  /** SHA-256 of the admin password, hex; absent when the node is open. */
  adminPasswordHash: z.optional(z.string()),
  tls: z.optional(
    z.object({
      port: z.int(),
      certFile: z.string(),
      keyFile: z.string(),
      caFile: z.optional(z.string()),
      authClients: z.enum(TLS_AUTH_CLIENTS),
    }),
  ),
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
  /** One change, to a node that has all tenants before it. */
  z.object({ kind: z.literal('tenant-effect'), id: z.int(), effect: tenantEffectSchema }),
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
  /** A command that changes a tenant arrived at this node: the launcher changes the registry, tells every node, then answers `tenant-changed`. */
  z.object({ kind: z.literal('tenant-change'), id: z.int(), change: tenantChangeSchema }),
  /** SHUTDOWN arrived at this node: it is about to exit and wants no restart. */
  z.object({ kind: z.literal('leaving') }),
]);

export type ToLauncher = z.infer<typeof toLauncher>;

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
