/** What a key costs in resident memory, beyond the process that holds nothing. */
import { setTimeout as delay } from 'node:timers/promises';
import { median } from './goal.js';
import { fillKeys } from './keys.js';
import { startServer, type ServerName } from './servers.js';

export const MEMORY_KEYS = 1_000_000;
export const MEMORY_VALUE_BYTES = 16;
/** Until a process that has just started, or been filled, has given back what it will. */
const SETTLE_MS = 2000;

export interface MemoryFigures {
  readonly emptyBytes: number;
  readonly bytesPerKey: number;
}

/** The median over `repeats` processes, each started anew. */
export async function measureMemory(name: ServerName, repeats: number, signal: AbortSignal): Promise<MemoryFigures> {
  const measured: MemoryFigures[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) measured.push(await measureOnce(name, signal));
  return {
    emptyBytes: median(measured.map(({ emptyBytes }) => emptyBytes)),
    bytesPerKey: median(measured.map(({ bytesPerKey }) => bytesPerKey)),
  };
}

async function measureOnce(name: ServerName, signal: AbortSignal): Promise<MemoryFigures> {
  await using server = await startServer(name, signal);
  await delay(SETTLE_MS, undefined, { signal });
  const emptyBytes = server.residentBytes();
  await fillKeys(server.port, MEMORY_KEYS, MEMORY_VALUE_BYTES);
  await delay(SETTLE_MS, undefined, { signal });
  return { emptyBytes, bytesPerKey: (server.residentBytes() - emptyBytes) / MEMORY_KEYS };
}
