/** LOLWUT: the placement ring of the cluster as text. Slot 0 is at the top and the slots run clockwise; each cell shows whose its slot is. */
import { version } from '../config/version.js';
import { parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { slotCountOf } from '../topology/ranges.js';
import { SLOT_COUNT, type Topology } from '../topology/topology.js';
import { integer, option, optional } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { NOT_AN_INTEGER } from './replies.js';

/** A character is about twice as high as it is wide. */
const ROWS = 23;
const COLUMNS = 2 * ROWS;
const MARGIN = ' '.repeat(17);
const OUTER_RADIUS = ROWS / 2;
const INNER_RADIUS = OUTER_RADIUS - 3;
const TITLE_CELLS = 30;
const BAR_CELLS = 30;
const SYMBOLS = '123456789abcdefghijklmnopqrstuvwxyz';
/** A slot that nobody serves. */
const NOBODY = '.';

/** One who holds a part of the ring. */
interface Holder {
  readonly symbol: string;
  readonly name: string;
  readonly address: string;
  readonly slots: number;
}

/** The ring's holders, and the symbol of each slot. */
interface Ring {
  readonly title: readonly string[];
  readonly holders: readonly Holder[];
  readonly symbolAt: (slot: number) => string;
}

function ringOf(topology: Topology): Ring {
  const symbols = new Array<string>(SLOT_COUNT).fill(NOBODY);
  const masters = topology.nodes.filter((node) => node.slots.length > 0);
  const holders = masters.map((node, index) => {
    const symbol = SYMBOLS[index % SYMBOLS.length];
    for (const { start, end } of node.slots) symbols.fill(symbol, start, end + 1);
    return { symbol, name: node.name, address: `${node.host}:${node.port}`, slots: slotCountOf(node.slots) };
  });
  const replicas = topology.nodes.filter((node) => node.role === 'replica').length;
  const title = [topology.clusterName, `masters ${masters.length}  replicas ${replicas}`, `epoch ${topology.epoch}`];
  return { title, holders, symbolAt: (slot) => symbols[slot] };
}

function singleRing(): Ring {
  const symbol = SYMBOLS[0];
  const holder = { symbol, name: 'this node', address: '', slots: SLOT_COUNT };
  return { title: ['one node', 'all keys'], holders: [holder], symbolAt: () => symbol };
}

/** The slot that is drawn in a cell; undefined beside the ring. */
function slotAtCell(row: number, column: number): number | undefined {
  const x = (column + 0.5 - COLUMNS / 2) / 2;
  const y = row + 0.5 - ROWS / 2;
  const radius = Math.hypot(x, y);
  if (radius > OUTER_RADIUS || radius < INNER_RADIUS) return undefined;
  const turn = Math.atan2(x, -y) / (2 * Math.PI);
  return Math.floor((turn < 0 ? turn + 1 : turn) * SLOT_COUNT) % SLOT_COUNT;
}

function drawRow(ring: Ring, row: number): string {
  const cells = Array.from({ length: COLUMNS }, (_, column) => {
    const slot = slotAtCell(row, column);
    return slot === undefined ? ' ' : ring.symbolAt(slot);
  });
  const titleRow = row - Math.floor((ROWS - ring.title.length) / 2);
  const isTitled = titleRow >= 0 && titleRow < ring.title.length;
  const line = cells.join('');
  return (MARGIN + (isTitled ? withCentred(line, ring.title[titleRow]) : line)).trimEnd();
}

/** Within the ring; what does not fit is cut. */
function withCentred(line: string, text: string): string {
  const shown = text.slice(0, TITLE_CELLS);
  const start = Math.floor((COLUMNS - shown.length) / 2);
  return line.slice(0, start) + shown + line.slice(start + shown.length);
}

function drawHolder({ symbol, name, address, slots }: Holder): string {
  const share = slots / SLOT_COUNT;
  const bar = symbol.repeat(Math.round(share * BAR_CELLS));
  const figures = `${String(slots).padStart(5)}  ${(share * 100).toFixed(1).padStart(5)} %`;
  return `  ${name.padEnd(10)}${address.padEnd(22)}${figures}  ${bar}`.trimEnd();
}

/** The picture, no line of which is longer than 80 characters as long as names and addresses are of the usual length. */
export function drawRing(topology: Topology | undefined): string {
  const ring = topology === undefined ? singleRing() : ringOf(topology);
  const rows = Array.from({ length: ROWS }, (_, row) => drawRow(ring, row));
  return [...rows, '', ...ring.holders.map(drawHolder), '', `RedNode ver. ${version}`, ''].join('\n');
}

function lolwut({ node }: CommandContext, request: Request, reply: ReplyWriter): void {
  const hasVersion = request.argc >= 3 && request.is(1, 'VERSION');
  // There is one picture, whatever version is asked for.
  if (hasVersion && parseInt64(request.buffer, request.offsets[2], request.lengths[2]) === undefined) {
    reply.error(NOT_AN_INTEGER);
    return;
  }
  reply.verbatim('txt', drawRing(node.topology));
}

export const lolwutCommands: readonly CommandDeclaration[] = [
  {
    name: 'LOLWUT',
    summary: 'Displays computer art, and the version: the placement ring of the cluster.',
    since: '5.0.0',
    group: 'server',
    flags: ['readonly', 'fast'],
    arguments: [optional(option('VERSION', integer('version')))],
    handler: lolwut,
  },
];
