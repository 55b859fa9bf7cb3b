import assert from 'node:assert/strict';
import { parseToLauncher, parseToNode } from '../../src/ipc/messages.js';

const topology = {
  epoch: 1,
  clusterName: 'test',
  nodes: [
    {
      name: 'n1',
      id: 'a'.repeat(40),
      host: '127.0.0.1',
      port: 7000,
      role: 'master',
      health: 'online',
      slots: [{ start: 0, end: 16383 }],
    },
  ],
};

describe('the messages between launcher and node', () => {
  it('are taken as they are when they are whole', () => {
    const message = { kind: 'topology', id: 3, topology };
    assert.deepEqual(parseToNode(message), message);
    assert.deepEqual(parseToLauncher({ kind: 'ready' }), { kind: 'ready' });
  });

  for (const [what, message] of [
    ['no object', 'ready'],
    ['an unknown kind', { kind: 'explode', id: 1 }],
    ['a missing id', { kind: 'topology', topology }],
    ['a wrong type inside', { kind: 'topology', id: 1, topology: { ...topology, epoch: 'one' } }],
    [
      'an unknown role',
      { kind: 'topology', id: 1, topology: { ...topology, nodes: [{ ...topology.nodes[0], role: 'x' }] } },
    ],
  ] as const) {
    it(`are refused with the place of the fault: ${what}`, () => {
      assert.throws(() => parseToNode(message), /invalid IPC message from the launcher/);
    });
  }
});
