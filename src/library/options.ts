/** Checks the options of the library at run time, since test suites are often plain JavaScript. */
import * as z from 'zod/mini';
import { evictionPolicies } from '../config/eviction-policy.js';
import { ExitCode, RedNodeError } from '../errors.js';

const LAST_PORT = 65_535;
const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_START_TIMEOUT_MS = 30_000;

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

const wholeNumber = (least: number, most: number) =>
  z
    .int(`is not a whole number from ${least} to ${most}`)
    .check(z.gte(least, `is less than ${least}`), z.lte(most, `is more than ${most}`));
const text = () => z.string('is not a string').check(z.minLength(1, 'is empty'));
const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
const logLevel = z.enum(levels, `is none of ${levels.join(', ')}`);

const evictionPolicy = z.enum(evictionPolicies, `is none of ${evictionPolicies.join(', ')}`);
const limit = z.optional(wholeNumber(0, Number.MAX_SAFE_INTEGER));

const common = {
  host: z._default(text(), DEFAULT_HOST),
  password: z.optional(text()),
  maxMemoryBytes: z._default(wholeNumber(0, Number.MAX_SAFE_INTEGER), 0),
  evictionPolicy: z._default(evictionPolicy, 'noeviction'),
  tenants: z._default(z.array(text(), 'is not a list of names'), []),
};

const serverSchema = z.strictObject({
  ...common,
  port: z._default(wholeNumber(0, LAST_PORT), 0),
  logLevel: z._default(logLevel, 'silent'),
});

const clusterSchema = z.strictObject({
  ...common,
  masters: z._default(wholeNumber(1, 100), 3),
  replicas: z._default(wholeNumber(0, 5), 0),
  port: z.optional(wholeNumber(1, LAST_PORT)),
  logLevel: z._default(logLevel, 'info'),
  startTimeoutMs: z._default(wholeNumber(1, LONGEST_TIMEOUT_MS), DEFAULT_START_TIMEOUT_MS),
});

const limitsSchema = z.strictObject({
  maxKeys: limit,
  maxMemoryBytes: limit,
  maxOpsPerSecond: limit,
  maxConnections: limit,
  defaultTtlSeconds: limit,
  evictionPolicy: z.optional(evictionPolicy),
});

export type ServerSettings = z.infer<typeof serverSchema>;
export type ClusterSettings = z.infer<typeof clusterSchema>;

/** Throws BAD_OPTION. */
export function serverSettings(options: unknown): ServerSettings {
  return check(serverSchema, options, 'startServer');
}

/** Throws BAD_OPTION. */
export function clusterSettings(options: unknown): ClusterSettings {
  return check(clusterSchema, options, 'startCluster');
}

/** What follows the name in TENANT CREATE. Throws BAD_OPTION. */
export function limitWords(limits: unknown): string[] {
  const known = check(limitsSchema, limits, 'createTenant');
  return limitNames.flatMap(([name, word]) => (known[name] === undefined ? [] : [word, String(known[name])]));
}

const limitNames: readonly (readonly [name: keyof z.infer<typeof limitsSchema>, word: string])[] = [
  ['maxKeys', 'MAXKEYS'],
  ['maxMemoryBytes', 'MAXMEMORY'],
  ['maxOpsPerSecond', 'MAXOPS'],
  ['maxConnections', 'MAXCONNECTIONS'],
  ['defaultTtlSeconds', 'DEFAULTTTL'],
  ['evictionPolicy', 'EVICT'],
];

function check<T>(schema: z.ZodMiniType<T>, options: unknown, caller: string): T {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const reasons = result.error.issues.map(reasonOf).join('; ');
  throw new RedNodeError('BAD_OPTION', `${caller} cannot be called so: ${reasons}`, ExitCode.usage, {
    hint: 'docs/library.md of the package lists the options',
  });
}

function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `there is no option ${issue.keys.join(', ')}`;
  if (issue.path.length === 0) return 'the options are no object';
  return `${issue.path.join('.')} ${issue.message}`;
}
