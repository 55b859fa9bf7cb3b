/** The flags of `rednode bench`, and what they mean as numbers; what makes no sense is refused here. */
import { ExitCode, RedNodeError } from '../../errors.js';
import { KEY_DIGITS } from '../../client/bench/requests.js';
import { formatBytes, parseDurationMs, parseSizeBytes } from '../formats.js';
import { boolean, integer, string } from '../oclif.js';

const DEFAULT_DURATION = '10s';
/** A bit is kept for each key. */
const KEYSPACE_MAX = 1_000_000_000;
const CLIENTS_MAX = 10_000;
const PIPELINE_MAX = 10_000;
const RATE_MAX = 10_000_000;
const ZIPF_MAX = 10;
const VALUE_BYTES_MAX = 512 * 1024 * 1024;
const PREFIX_LENGTH_MAX = 200;
/** Every client has the requests of a batch in memory. */
const BUFFERS_BYTES_MAX = 2 * 1024 ** 3;

const LOAD_GROUP = 'load';
const KEYS_GROUP = 'keys';

export const benchFlags = {
  clients: integer({
    summary: 'Connections (to each master of a cluster).',
    default: 50,
    min: 1,
    max: CLIENTS_MAX,
    helpGroup: LOAD_GROUP,
  }),
  pipeline: integer({
    summary: 'Commands that a client sends before it waits for their replies.',
    default: 1,
    min: 1,
    max: PIPELINE_MAX,
    helpGroup: LOAD_GROUP,
  }),
  ratio: string({ summary: 'Reads to writes.', default: '9:1', helpValue: 'READS:WRITES', helpGroup: LOAD_GROUP }),
  duration: string({
    summary: `How long: seconds, or 500ms, 10s, 5m. Default: ${DEFAULT_DURATION}, without --requests.`,
    helpValue: 'TIME',
    helpGroup: LOAD_GROUP,
  }),
  requests: integer({ summary: 'End after this many commands.', char: 'n', min: 1, helpGroup: LOAD_GROUP }),
  rate: integer({
    summary: 'Commands a second, sent when they are due and not when the server is ready for more.',
    min: 1,
    max: RATE_MAX,
    helpGroup: LOAD_GROUP,
  }),
  keyspace: integer({
    summary: 'Number of keys.',
    default: 100_000,
    min: 1,
    max: KEYSPACE_MAX,
    helpGroup: KEYS_GROUP,
  }),
  size: string({ summary: 'Size of a value: 64, 1kb.', default: '64', helpValue: 'SIZE', helpGroup: KEYS_GROUP }),
  zipf: string({
    summary: 'Some keys are asked for more than others: by the Zipf distribution with this exponent, such as 0.99.',
    helpValue: 'EXPONENT',
    helpGroup: KEYS_GROUP,
  }),
  prefix: string({ summary: 'What the keys begin with.', default: 'bench:', helpGroup: KEYS_GROUP }),
  'no-fill': boolean({ summary: 'Do not write every key before the load begins.', helpGroup: KEYS_GROUP }),
  keep: boolean({ summary: 'Leave the keys when it is done.', helpGroup: KEYS_GROUP }),
  seed: integer({ summary: 'Another seed, other random numbers.', default: 1, helpGroup: KEYS_GROUP }),
};

interface FlagValues {
  readonly clients: number;
  readonly pipeline: number;
  readonly ratio: string;
  readonly duration?: string | undefined;
  readonly requests?: number | undefined;
  readonly rate?: number | undefined;
  readonly keyspace: number;
  readonly size: string;
  readonly zipf?: string | undefined;
  readonly prefix: string;
  readonly seed: number;
}

/** The load as numbers. */
export interface BenchSettings {
  readonly clients: number;
  readonly pipeline: number;
  readonly ratio: { readonly reads: number; readonly writes: number };
  readonly durationMs: number | undefined;
  readonly requestLimit: number | undefined;
  readonly ratePerSecond: number | undefined;
  readonly keyspace: number;
  readonly valueBytes: number;
  readonly zipf: number | undefined;
  readonly prefix: string;
  readonly seed: number;
}

/** @throws RedNodeError BAD_VALUE with the flag and what it takes */
export function readSettings(flags: FlagValues): BenchSettings {
  const duration = flags.duration ?? (flags.requests === undefined ? DEFAULT_DURATION : undefined);
  const settings = {
    clients: flags.clients,
    pipeline: flags.pipeline,
    ratio: parseRatio(flags.ratio),
    durationMs: duration === undefined ? undefined : parseDurationMs(duration, '--duration'),
    requestLimit: flags.requests,
    ratePerSecond: flags.rate,
    keyspace: flags.keyspace,
    valueBytes: parseValueBytes(flags.size),
    zipf: flags.zipf === undefined ? undefined : parseZipf(flags.zipf),
    prefix: checkedPrefix(flags.prefix),
    seed: flags.seed,
  };
  refuseTooMuchMemory(settings);
  return settings;
}

function parseRatio(text: string): { reads: number; writes: number } {
  const match = /^(\d{1,6}):(\d{1,6})$/.exec(text.trim());
  const [reads, writes] = match === null ? [0, 0] : [Number(match[1]), Number(match[2])];
  if (reads + writes > 0) return { reads, writes };
  throw badValue(`--ratio ${JSON.stringify(text)} is not a ratio`, 'reads:writes, such as 9:1, 1:0 or 0:1');
}

function parseValueBytes(text: string): number {
  const sizeBytes = parseSizeBytes(text, '--size');
  if (sizeBytes <= VALUE_BYTES_MAX) return sizeBytes;
  throw badValue(`--size ${text} is more than a value can have`, `at most ${formatBytes(VALUE_BYTES_MAX)}`);
}

function parseZipf(text: string): number {
  const exponent = /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : 0;
  if (exponent > 0 && exponent <= ZIPF_MAX) return exponent;
  throw badValue(
    `--zipf ${JSON.stringify(text)} is not an exponent`,
    `a number above 0 and up to ${ZIPF_MAX}; caches see 0.6 to 1.1. Without --zipf all keys are alike`,
  );
}

function checkedPrefix(text: string): string {
  if (text.length > 0 && text.length <= PREFIX_LENGTH_MAX) return text;
  throw badValue(
    `--prefix has ${text.length} characters`,
    `1 to ${PREFIX_LENGTH_MAX}: the keys are the prefix and ${KEY_DIGITS} digits`,
  );
}

function refuseTooMuchMemory(settings: BenchSettings): void {
  const { clients, pipeline, valueBytes, ratio } = settings;
  const neededBytes = ratio.writes === 0 ? 0 : clients * pipeline * valueBytes;
  if (neededBytes <= BUFFERS_BYTES_MAX) return;
  throw badValue(
    `--clients ${clients} --pipeline ${pipeline} --size ${formatBytes(valueBytes)} would be ${formatBytes(neededBytes)} under way at once`,
    `at most ${formatBytes(BUFFERS_BYTES_MAX)}`,
  );
}

function badValue(message: string, hint: string): RedNodeError {
  return new RedNodeError('BAD_VALUE', message, ExitCode.usage, { hint });
}
