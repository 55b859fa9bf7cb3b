import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ControlClient } from '../../src/cluster/control-client.js';
import { controlSocketPath } from '../../src/cluster/control-socket-path.js';
import { ControlServer } from '../../src/cluster/control-server.js';
import type { ControlHandlers } from '../../src/cluster/control-server.js';
import { LineSplitter } from '../../src/cluster/lines.js';
import type { ClusterStatus } from '../../src/cluster/types.js';
import { ExitCode, RedNodeError } from '../../src/errors.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const status: ClusterStatus = {
  name: 'test',
  state: 'ready',
  epoch: 3,
  launcherPid: 1,
  directory: 'folder',
  ephemeral: false,
  startedAtMs: 5,
  slotsServed: 16_384,
  tenants: ['default'],
  nodes: [],
  events: [{ atMs: 1, kind: 'promoted', node: 'n2', message: 'n2 promoted' }],
};

const handlers: ControlHandlers = {
  status: () => status,
  stop: () => Promise.resolve(),
  kill: (node) => {
    const detail = { hint: 'the nodes are n1', context: { node } };
    return Promise.reject(new RedNodeError('NO_NODE', `there is no node ${node}`, ExitCode.unreachable, detail));
  },
  restart: (node) => Promise.resolve({ node, pid: 7, back: { pid: 8, role: 'master' as const, afterMs: 3 } }),
};

async function withServer(use: (path: string, server: ControlServer) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder('control');
  const path = join(folder.path, 'control.sock');
  const server = await ControlServer.listen(path, handlers);
  try {
    await use(path, server);
  } finally {
    await server.close();
  }
}

/** What the server sends to somebody who writes `text`, until it closes the connection. */
async function answerTo(path: string, text: string): Promise<string> {
  const socket = connect(path);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => socket.destroy());
  socket.write(text);
  await once(socket, 'close', { signal: AbortSignal.timeout(5_000) });
  return Buffer.concat(chunks).toString();
}

describe('control socket', () => {
  it('answers what is asked, also several questions at once, and is for its owner only', async () => {
    await withServer(async (path) => {
      const client = await ControlClient.connect('test', path);
      const [first, restarted, second] = await Promise.all([client.status(), client.restart('n1'), client.status()]);
      assert.deepEqual([first, second], [status, status]);
      assert.deepEqual(restarted, { node: 'n1', pid: 7, back: { pid: 8, role: 'master', afterMs: 3 } });
      assert.equal(statSync(path).mode & 0o777, 0o600);
      client.close();
    });
  });

  it('carries an error with its code, hint, context and exit code', async () => {
    await withServer(async (path) => {
      const client = await ControlClient.connect('test', path);
      await assert.rejects(client.kill('n9'), (error) => {
        assert.ok(error instanceof RedNodeError);
        assert.deepEqual([error.code, error.exitCode, error.hint], ['NO_NODE', 3, 'the nodes are n1']);
        assert.deepEqual(error.context, { node: 'n9' });
        return true;
      });
      client.close();
    });
  });

  it('answers nonsense with an error and ends the connection', async () => {
    await withServer(async (path) => {
      assert.match(await answerTo(path, 'nonsense\n'), /BAD_CONTROL_MESSAGE/);
      assert.match(await answerTo(path, '{"id": 1, "method": "explode"}\n'), /BAD_CONTROL_MESSAGE/);
      assert.match(await answerTo(path, '{"id": 1, "method": "kill"}\n'), /BAD_CONTROL_MESSAGE/);
      assert.match(await answerTo(path, 'x'.repeat(100_000)), /longer than/);
    });
  });

  it('fails what waits for an answer when the launcher goes away', async () => {
    await withServer(async (path, server) => {
      const client = await ControlClient.connect('test', path);
      await client.status();
      await server.close();
      await assert.rejects(client.status(), (error) => error instanceof RedNodeError && error.code === 'CONTROL_LOST');
    });
  });

  it('that nobody listens on is reported as a cluster that does not answer', async () => {
    await using folder = await temporaryFolder('control');
    await assert.rejects(
      ControlClient.connect('test', join(folder.path, 'none.sock')),
      (error) => error instanceof RedNodeError && error.code === 'NOT_RUNNING' && error.exitCode === 3,
    );
  });

  it('lies in the folder of the cluster unless that makes its path too long for a socket', () => {
    assert.equal(controlSocketPath('/home/ada/clusters/test'), '/home/ada/clusters/test/control.sock');
    const long = `/home/${'x'.repeat(120)}/test`;
    assert.ok(Buffer.byteLength(controlSocketPath(long)) <= 100);
    assert.equal(controlSocketPath(long), controlSocketPath(long));
    assert.notEqual(controlSocketPath(long), controlSocketPath(`${long}2`));
  });

  it('splits lines at any place, within characters too', () => {
    const bytes = Buffer.from('eins\nzwölf\n\nvier');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const lines = new LineSplitter(100);
      assert.deepEqual(
        [...lines.push(bytes.subarray(0, cut)), ...lines.push(bytes.subarray(cut))],
        ['eins', 'zwölf', ''],
      );
    }
  });
});
