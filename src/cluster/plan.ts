/** What a start would do: identities, ports, roles and slots, from the kept state where there is one. Starts and writes nothing. */
import { randomBytes } from 'node:crypto';
import { ExitCode, RedNodeError } from '../errors.js';
import { SLOT_COUNT } from '../topology/topology.js';
import type { Topology } from '../topology/topology.js';
import { controlSocketPath } from './control-socket-path.js';
import { blockName, findPortBlock, firstTakenPort, describePortInUse } from './ports.js';
import type { ClusterState } from './state-file.js';
import { readState } from './state-file.js';
import { initialTopology } from './topology-changes.js';
import type { NodeIdentity } from './topology-changes.js';
import type { ClusterOptions } from './types.js';

const NODE_ID_BYTES = 20;
const MAX_NODES = 256;

export interface ClusterPlan {
  readonly topology: Topology;
  readonly firstPort: number;
  readonly lastPort: number;
  readonly controlSocket: string;
  /** Time that the placement of the slots took. */
  readonly placementMs: number;
  /** What a person should know: that other ports than the usual ones are used. */
  readonly warnings: readonly string[];
  /** What was kept of an earlier run under this name. */
  readonly kept: ClusterState | undefined;
}

/** Throws BAD_SHAPE, OTHER_SHAPE, PORT_IN_USE, NO_FREE_PORTS, BAD_PORT, BAD_HOST or BAD_STATE_FILE. */
export async function planCluster(options: ClusterOptions): Promise<ClusterPlan> {
  checkShape(options);
  const kept = await readState(options.directory);
  if (kept !== undefined) checkSameShape(options, kept);
  const { ports, warnings } = await choosePorts(options, kept);
  const tlsPorts = options.tls === undefined ? [] : await chooseTlsPorts(options.host, ports, kept);
  const nodes = ports.map((port, index) => identity(options.host, port, tlsPorts.at(index), index, kept));
  const epoch = (kept?.epoch ?? 0) + 1;
  const startedMs = performance.now();
  const topology = initialTopology(options.name, epoch, nodes, options.replicasPerMaster);
  return {
    topology,
    placementMs: Math.round(performance.now() - startedMs),
    firstPort: ports[0],
    lastPort: ports[ports.length - 1],
    controlSocket: controlSocketPath(options.directory),
    warnings,
    kept,
  };
}

function identity(
  host: string,
  port: number,
  tlsPort: number | undefined,
  index: number,
  kept: ClusterState | undefined,
): NodeIdentity {
  const id = kept?.members[index]?.id ?? randomBytes(NODE_ID_BYTES).toString('hex');
  return { name: `n${index + 1}`, id, host, port, ...(tlsPort !== undefined && { tlsPort }) };
}

function checkShape({ masters, replicasPerMaster }: ClusterOptions): void {
  const count = nodeCount(masters, replicasPerMaster);
  const isWhole = Number.isInteger(masters) && Number.isInteger(replicasPerMaster);
  if (isWhole && masters >= 1 && replicasPerMaster >= 0 && count <= MAX_NODES && masters <= SLOT_COUNT) return;
  const message = `a cluster of ${masters} masters with ${replicasPerMaster} replicas each is not possible`;
  throw new RedNodeError('BAD_SHAPE', message, ExitCode.usage, {
    hint: `at least 1 master, and ${MAX_NODES} nodes at the most, replicas included`,
  });
}

function checkSameShape(options: ClusterOptions, kept: ClusterState): void {
  if (options.masters === kept.masters && options.replicasPerMaster === kept.replicasPerMaster) return;
  const wanted = shapeText(options.masters, options.replicasPerMaster);
  const had = shapeText(kept.masters, kept.replicasPerMaster);
  throw new RedNodeError('OTHER_SHAPE', `cluster ${options.name} has ${had}, not ${wanted}`, ExitCode.usage, {
    hint: `start it as it is, or remove it first: rednode cluster down ${options.name} --purge`,
  });
}

function shapeText(masters: number, replicasPerMaster: number): string {
  return `${masters} masters + ${masters * replicasPerMaster} replicas`;
}

interface ChosenPorts {
  readonly ports: readonly number[];
  readonly warnings: readonly string[];
}

/** Kept ports are used again unless others are asked for or one of them is taken meanwhile. */
async function choosePorts(options: ClusterOptions, kept: ClusterState | undefined): Promise<ChosenPorts> {
  const { host, port, portIsExplicit } = options;
  const keptPorts = kept?.members.map((member) => member.port);
  if (keptPorts === undefined || (portIsExplicit && keptPorts[0] !== port)) return newBlock(options, []);
  const taken = await firstTaken(host, keptPorts);
  if (taken === undefined) return { ports: keptPorts, warnings: [] };
  if (portIsExplicit) throw await describePortInUse(taken, host);
  return newBlock(options, [`port ${taken} of cluster ${options.name} is in use by another program`]);
}

async function newBlock(options: ClusterOptions, reasons: readonly string[]): Promise<ChosenPorts> {
  const count = nodeCount(options.masters, options.replicasPerMaster);
  const { host, port, portIsExplicit } = options;
  const block = await findPortBlock({ host, firstPort: port, count, isExplicit: portIsExplicit });
  const ports = Array.from({ length: count }, (_, index) => block.firstPort + index);
  if (block.warning !== undefined) return { ports, warnings: [block.warning] };
  return { ports, warnings: reasons.map((reason) => `${reason}: ports ${blockName(block.firstPort, count)} are used`) };
}

/** Those of the last run with TLS while they are free, else the next free block behind the ports without TLS. */
async function chooseTlsPorts(
  host: string,
  ports: readonly number[],
  kept: ClusterState | undefined,
): Promise<readonly number[]> {
  const keptPorts = kept?.members.flatMap(({ tlsPort }) => tlsPort ?? []) ?? [];
  const isUsable = keptPorts.length === ports.length && !keptPorts.some((port) => ports.includes(port));
  if (isUsable && (await firstTaken(host, keptPorts)) === undefined) return keptPorts;
  const firstPort = Math.max(...ports) + 1;
  const block = await findPortBlock({ host, firstPort, count: ports.length, isExplicit: false });
  return ports.map((_, index) => block.firstPort + index);
}

async function firstTaken(host: string, ports: readonly number[]): Promise<number | undefined> {
  const taken = await Promise.all(ports.map((port) => firstTakenPort(host, port, 1)));
  return taken.find((port) => port !== undefined);
}

function nodeCount(masters: number, replicasPerMaster: number): number {
  return masters * (1 + replicasPerMaster);
}
