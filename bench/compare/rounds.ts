/** Runs a load on both servers in turn, round after round, so that what disturbs the machine disturbs both. */
import { setTimeout as delay } from 'node:timers/promises';
import { median } from './goal.js';
import { fillKeys, removeAllKeys } from './keys.js';
import { KEY_COUNT, type Load } from './loads.js';
import { runRedisBenchmark, type LoadResult } from './redis-benchmark.js';
import { startServer, type BenchedServer, type ServerName } from './servers.js';
import { runZipfMix } from './zipf-mix.js';

/** Long enough for the compiler of Node.js to be done, and to know how many requests fill a round. */
const WARM_UP_REQUESTS = 200_000;
const WARM_UP_PAYLOAD_BYTES = 1024 ** 3;
/** After a burst of frees, so that the next measurement does not pay for it. */
const REST_MS = 1000;

export interface RoundOptions {
  readonly rounds: number;
  /** How long a round of the faster server takes at the least. */
  readonly roundMs: number;
  readonly signal: AbortSignal;
  readonly onStep: (text: string) => void;
}

/** Medians over the rounds. */
export interface ServerFigures {
  readonly operationsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly cpuMicrosecondsPerOperation: number;
}

export interface Comparison {
  readonly load: Load;
  readonly redis: ServerFigures;
  readonly rednode: ServerFigures;
  /** The least and the greatest of the rounds' ratios: how much the machine wavered. */
  readonly ratioRange: readonly [number, number];
}

type Round = LoadResult & { readonly cpuMicroseconds: number };

export async function compareLoads(loads: readonly Load[], options: RoundOptions): Promise<Comparison[]> {
  if (loads.length === 0) return [];
  await using redis = await startServer('redis', options.signal);
  await using rednode = await startServer('rednode', options.signal);
  const servers = [redis, rednode];
  const comparisons: Comparison[] = [];
  let keys: Load | undefined;
  for (const load of loads) {
    if (keys?.keyspace !== load.keyspace || keys.valueBytes !== load.valueBytes) await prepare(servers, load);
    keys = load;
    comparisons.push(await compareLoad(servers, load, options));
  }
  return comparisons;
}

/** Every key that a load asks for is there. */
async function prepare(servers: readonly BenchedServer[], load: Load): Promise<void> {
  for (const { port } of servers) {
    await removeAllKeys(port);
    await delay(REST_MS);
    await fillKeys(port, Math.min(KEY_COUNT, load.keyspace), load.valueBytes);
  }
}

async function compareLoad(servers: readonly BenchedServer[], load: Load, options: RoundOptions): Promise<Comparison> {
  const requests = await warmUp(servers, load, options);
  const rounds: Record<ServerName, Round[]> = { redis: [], rednode: [] };
  for (let round = 0; round < options.rounds; round++) {
    // The one that goes first changes from round to round.
    const order = round % 2 === 0 ? servers : servers.toReversed();
    for (const server of order) rounds[server.name].push(await runRound(server, load, requests, options));
    const ratio = rounds.rednode[round].operationsPerSecond / rounds.redis[round].operationsPerSecond;
    options.onStep(
      `${load.name}, P=${load.pipeline}   round ${round + 1} of ${options.rounds}   ${ratio.toFixed(2)} x Redis`,
    );
  }
  const ratios = rounds.redis.map(
    (redis, round) => rounds.rednode[round].operationsPerSecond / redis.operationsPerSecond,
  );
  return {
    load,
    redis: figuresOf(rounds.redis),
    rednode: figuresOf(rounds.rednode),
    ratioRange: [Math.min(...ratios), Math.max(...ratios)],
  };
}

/** Not counted; tells how many requests a round needs. */
async function warmUp(servers: readonly BenchedServer[], load: Load, options: RoundOptions): Promise<number> {
  const requests = Math.min(WARM_UP_REQUESTS, Math.ceil(WARM_UP_PAYLOAD_BYTES / load.valueBytes));
  let fastest = 0;
  for (const server of servers) {
    const { operationsPerSecond } = await runRound(server, load, requests, options);
    fastest = Math.max(fastest, operationsPerSecond);
  }
  return Math.max(requests, Math.ceil((fastest * options.roundMs) / 1000));
}

async function runRound(server: BenchedServer, load: Load, requests: number, options: RoundOptions): Promise<Round> {
  const { signal, roundMs } = options;
  const before = server.cpuMicroseconds();
  const result =
    load.words === undefined
      ? await runZipfMix(server.port, load, roundMs, signal)
      : await runRedisBenchmark(server.port, load, requests, signal);
  return { ...result, cpuMicroseconds: server.cpuMicroseconds() - before };
}

function figuresOf(rounds: readonly Round[]): ServerFigures {
  const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
  return {
    operationsPerSecond: of((round) => round.operationsPerSecond),
    p50Ms: of((round) => round.p50Ms),
    p99Ms: of((round) => round.p99Ms),
    p999Ms: of((round) => round.p999Ms),
    cpuMicrosecondsPerOperation: of((round) => round.cpuMicroseconds / round.operations),
  };
}
