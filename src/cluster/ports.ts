/** Free ports: a block for a cluster, and what to say about a port that is taken. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { ExitCode, RedNodeError, systemCodeOf } from '../errors.js';
import { describePortHolder } from './port-holder.js';

const BLOCKS_TRIED = 100;
const LAST_PORT = 65_535;
/** From here on systems hand out ports for outgoing connections, so that a free one may be taken any moment. */
const FIRST_EPHEMERAL_PORT = 32_768;
const SUGGESTED_STEP = 100;

export interface PortBlock {
  readonly firstPort: number;
  /** Says that another block than the wanted one was taken, and why. */
  readonly warning?: string;
}

export interface PortWish {
  readonly host: string;
  readonly firstPort: number;
  readonly count: number;
  /** A taken port is an error when the block was asked for, and moves on to the next block when it is only the default. */
  readonly isExplicit: boolean;
}

/** Finds `count` consecutive free ports. Throws PORT_IN_USE, NO_FREE_PORTS, BAD_PORT or BAD_HOST. */
export async function findPortBlock(wish: PortWish): Promise<PortBlock> {
  const { firstPort, count } = wish;
  if (firstPort < 1 || firstPort + count - 1 > LAST_PORT) throw outOfRange(wish);
  const taken = await firstTakenPort(wish.host, firstPort, count);
  if (taken === undefined) return { firstPort };
  if (wish.isExplicit) throw await describePortInUse(taken, wish.host);
  for (const candidate of candidates(firstPort, count)) {
    if ((await firstTakenPort(wish.host, candidate, count)) !== undefined) continue;
    const holder = await describePortHolder(taken, wish.host);
    return {
      firstPort: candidate,
      warning: `port ${taken} is in use${holder}: ports ${blockName(candidate, count)} are used`,
    };
  }
  throw new RedNodeError('NO_FREE_PORTS', `no block of ${count} free ports from ${firstPort} on`, ExitCode.inUse, {
    hint: 'choose one with --port',
  });
}

/** `7379-7384`, or `7379` for a single port. */
export function blockName(firstPort: number, count: number): string {
  return count === 1 ? String(firstPort) : `${firstPort}-${firstPort + count - 1}`;
}

function candidates(firstPort: number, count: number): number[] {
  const blocks = Array.from({ length: BLOCKS_TRIED }, (_, index) => firstPort + (index + 1) * count);
  const usable = blocks.filter((port) => port + count - 1 <= LAST_PORT);
  const isSteady = (port: number): boolean => port + count <= FIRST_EPHEMERAL_PORT;
  return [...usable.filter(isSteady), ...usable.filter((port) => !isSteady(port))];
}

/** The lowest port of a block that cannot be bound, or undefined when all can. Throws BAD_HOST. */
export async function firstTakenPort(host: string, firstPort: number, count: number): Promise<number | undefined> {
  const ports = Array.from({ length: count }, (_, index) => firstPort + index);
  const free = await Promise.all(ports.map((port) => isPortFree(port, host)));
  return ports.find((_, index) => !free[index]);
}

/** Tries to listen there. Throws BAD_HOST when no port of that host could be bound. */
export async function isPortFree(port: number, host: string): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'EADDRINUSE' || code === 'EACCES') return false;
    throw new RedNodeError('BAD_HOST', `cannot listen on ${host}:${port} (${code ?? String(error)})`, ExitCode.usage, {
      hint: 'give an address of this machine, such as 127.0.0.1 or 0.0.0.0',
      cause: error,
    });
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** PORT_IN_USE (exit code 4) for people: names the process that holds the port where it can be known, and a port to try. */
export async function describePortInUse(port: number, host: string): Promise<RedNodeError> {
  const holder = await describePortHolder(port, host);
  const other = port + SUGGESTED_STEP <= LAST_PORT ? port + SUGGESTED_STEP : port - SUGGESTED_STEP;
  return new RedNodeError('PORT_IN_USE', `port ${port} is in use${holder}`, ExitCode.inUse, {
    hint: `another port, such as --port ${other}, or end the process that uses it`,
    context: { port: String(port), host },
  });
}

function outOfRange({ firstPort, count }: PortWish): RedNodeError {
  const message = `ports ${blockName(firstPort, count)} are not all between 1 and ${LAST_PORT}`;
  return new RedNodeError('BAD_PORT', message, ExitCode.usage, { hint: 'choose a lower --port' });
}
