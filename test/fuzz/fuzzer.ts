/** Rounds without end until one fails, or the time is over; a failure is made as small as it gets. */
import { SeededRandom } from '../support/random-source.js';
import { shrinkList } from '../support/shrink.js';
import { randomItems, type Item } from './requests.js';
import { faultOf } from './round.js';
import { Target } from './target.js';

const CONNECTIONS = 4;
const REQUESTS_PER_CONNECTION = 40;
/** A byte sequence is shrunk piece by piece once its items cannot be. */
const SHRINK_TRIES = 150;
const SHOWN_BYTES_MAX = 200;

export interface FuzzResult {
  readonly rounds: number;
  /** Undefined when nothing was found. */
  readonly failure: string | undefined;
}

/** Round `n` uses the seed `seed + n`, so that a failed one can be repeated alone. */
export async function fuzz(seed: number, rounds: number, milliseconds: number): Promise<FuzzResult> {
  let target = await Target.start();
  const deadline = performance.now() + milliseconds;
  let done = 0;
  try {
    for (; done < rounds && performance.now() < deadline; done++) {
      const roundSeed = seed + done;
      const random = new SeededRandom(roundSeed);
      const items = randomItems(random, CONNECTIONS, REQUESTS_PER_CONNECTION);
      const fault = await faultOf(target, items, random);
      if (fault === undefined) continue;
      await target.stop();
      target = await Target.start();
      return { rounds: done + 1, failure: await describe(roundSeed, items, fault) };
    }
    return { rounds: done, failure: undefined };
  } finally {
    await target.stop();
  }
}

async function describe(seed: number, items: readonly Item[], fault: string): Promise<string> {
  const repeat = `repeat with: npm run fuzz -- --seed ${seed} --rounds 1`;
  const fewest = await shrunk(seed, items);
  if (fewest === undefined)
    return `${fault}\nnot seen again on a fresh server: it takes what earlier rounds left\n${repeat}`;
  const lines = fewest.items.map(
    ({ connection, bytes }) =>
      `  ${connection}: ${JSON.stringify(bytes.toString('latin1', 0, Math.min(bytes.length, SHOWN_BYTES_MAX)))}`,
  );
  return `${fault}\n${repeat}\nthe fewest requests that fail, by connection:\n${lines.join('\n')}\n${fewest.fault}`;
}

/** Each try has a server of its own, since one that failed may have died. */
async function shrunk(
  seed: number,
  items: readonly Item[],
): Promise<{ readonly items: readonly Item[]; readonly fault: string } | undefined> {
  let target = await Target.start();
  let latest = '';
  const fails = async (some: readonly Item[]): Promise<boolean> => {
    const fault = await faultOf(target, some, new SeededRandom(seed));
    if (fault === undefined) return false;
    latest = fault;
    await target.stop();
    target = await Target.start();
    return true;
  };
  try {
    if (!(await fails(items))) return undefined;
    const fewest = await shrinkList(items, fails, SHRINK_TRIES);
    return { items: fewest, fault: latest };
  } finally {
    await target.stop();
  }
}
