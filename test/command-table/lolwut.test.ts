import assert from 'node:assert/strict';
import { drawRing } from '../../src/command-table/lolwut.js';
import { placeSlots } from '../../src/topology/placement.js';
import { rangesOfPlacement } from '../../src/topology/ranges.js';
import type { Topology, TopologyNode } from '../../src/topology/topology.js';

function topologyOf(masters: number): Topology {
  const names = Array.from({ length: masters }, (_, index) => `n${index + 1}`);
  const ranges = rangesOfPlacement(placeSlots(names.map((name) => ({ name }))), masters);
  const nodes = names.map((name, index): TopologyNode => ({
    name,
    id: name.padEnd(40, '0'),
    host: '127.0.0.1',
    port: 10_000 + index,
    role: 'master',
    health: 'online',
    slots: ranges[index],
  }));
  return { epoch: 12, clusterName: 'a cluster with a name that is longer than the ring is wide', nodes };
}

/** How often each symbol stands in the ring, above the legend. */
function symbolCounts(picture: string): Map<string, number> {
  const counts = new Map<string, number>();
  const ring = picture.slice(0, picture.indexOf('\n\n')).split('\n');
  // The title stands in the rows in the middle.
  for (const cell of [...ring.slice(0, 9), ...ring.slice(14)].join('').replaceAll(' ', '')) {
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  return counts;
}

describe('the ring that LOLWUT draws', () => {
  for (const masters of [1, 3, 9, 40]) {
    it(`is at most 80 columns wide and shows each of ${masters} masters`, () => {
      const picture = drawRing(topologyOf(masters));
      for (const line of picture.split('\n')) assert.ok(line.length <= 80, line);
      for (let index = 1; index <= masters; index++) assert.match(picture, new RegExp(`^  n${index} `, 'm'));
    });
  }

  it('gives each master about its share of the cells', () => {
    const counts = symbolCounts(drawRing(topologyOf(3)));
    assert.deepEqual([...counts.keys()].sort(), ['1', '2', '3']);
    const cells = [...counts.values()].reduce((sum, count) => sum + count, 0);
    for (const count of counts.values()) assert.ok(Math.abs(count / cells - 1 / 3) < 0.06, `${count} of ${cells}`);
  });

  it('shows slots that nobody serves as points', () => {
    const whole = topologyOf(2);
    const counts = symbolCounts(drawRing({ ...whole, nodes: whole.nodes.slice(0, 1) }));
    assert.deepEqual([...counts.keys()].sort(), ['.', '1']);
  });

  it('is one part on a node that is on its own', () => {
    assert.deepEqual([...symbolCounts(drawRing(undefined)).keys()], ['1']);
  });
});
