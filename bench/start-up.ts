/**
 * How long whole processes take: `rednode get k` and others beside `node -e 0`, interleaved, so that whatever else the machine does
 * meets them alike. Usage: npm run build && npx tsx bench/start-up.ts [rounds]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startCluster, startServer } from '../src/library/index.js';

const ROUNDS = Number(process.argv[2] ?? 30);
const PROGRAM = path.resolve('bin/run.js');
const BASELINE = 'node -e 0';

interface Contestant {
  readonly name: string;
  readonly args: readonly string[];
}

function runTimed({ name, args }: Contestant, env: NodeJS.ProcessEnv): number {
  const startedMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const elapsedMs = performance.now() - startedMs;
  if (status !== 0) throw new Error(`${name} ended with ${String(status)}: ${stderr.toString()}`);
  return elapsedMs;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function printTable(contestants: readonly Contestant[], times: readonly (readonly number[])[]): void {
  const base = quantile(times[0], 0.5);
  console.log(`| process | median ms | p10 ms | p90 ms | ratio |\n|---|---|---|---|---|`);
  contestants.forEach(({ name }, index) => {
    const sorted = times[index];
    const figures = [0.5, 0.1, 0.9].map((share) => quantile(sorted, share).toFixed(1));
    console.log(`| \`${name}\` | ${figures.join(' | ')} | ${(quantile(sorted, 0.5) / base).toFixed(2)} |`);
  });
}

const home = mkdtempSync(path.join(tmpdir(), 'rednode-start-up-'));
const env = { ...process.env, REDNODE_HOME: home };
const rednode = (...args: string[]): Contestant => ({ name: `rednode ${args.join(' ')}`, args: [PROGRAM, ...args] });
try {
  // `get k` by itself looks for the one cluster that runs.
  runTimed(rednode('cluster', 'up', '--detach', '--ephemeral'), env);
  await using server = await startBesides();
  const byUrl = { ...rednode('get', 'k', '--url', server.url), name: 'rednode get k --url redis://...' };
  const baseline = { name: BASELINE, args: ['-e', '0'] };
  const contestants = [baseline, rednode('--version'), byUrl, rednode('get', 'k'), rednode('set', 'k', 'v')];
  const times = contestants.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    contestants.forEach((contestant, index) => times[index].push(runTimed(contestant, env)));
  }
  for (const list of times) list.sort((left, right) => left - right);
  console.log(`node ${process.version}, ${ROUNDS} rounds\n`);
  printTable(contestants, times);
  await measureLibrary();
} finally {
  runTimed(rednode('cluster', 'down', '--all', '--yes'), env);
  rmSync(home, { recursive: true, force: true });
}

/** A server that answers while this process waits for its children, which its own loop would not. */
async function startBesides(): Promise<AsyncDisposable & { readonly url: string }> {
  return startCluster({ masters: 1 });
}

async function measureLibrary(): Promise<void> {
  const figures: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startedMs = performance.now();
    const server = await startServer();
    figures.push(performance.now() - startedMs);
    await server.stop();
  }
  figures.sort((left, right) => left - right);
  console.log(
    `\nstartServer(): ${quantile(figures, 0.5).toFixed(1)} ms (median), the slowest ${quantile(figures, 1).toFixed(1)} ms`,
  );
}
