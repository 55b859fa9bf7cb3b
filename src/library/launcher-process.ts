/**
 * The process that stands for a cluster of a test suite. It ends, with its nodes and its folder, when the IPC channel closes:
 * because the cluster is to stop, or because the process that started it is gone, whatever that died of.
 */
import { randomInt } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { startCluster, type Launcher } from '../cluster/launcher.js';
import type { ClusterOptions } from '../cluster/types.js';
import { clusterDirectory, rednodeHome } from '../config/home.js';
import { ExitCode, messageOf, RedNodeError } from '../errors.js';
import { hashSecret } from '../tenancy/tokens.js';
import type { PackedError } from './errors.js';
import type { FromLauncherProcess, LauncherResults, ToLauncherProcess } from './launcher-protocol.js';
import type { ClusterSettings } from './options.js';

const CLUSTER_NAME = 'test';
/** Below the ports that systems hand out for outgoing connections; where in it is left to chance, since other test workers choose too. */
const FIRST_PORT = 10_240;
const LAST_PORT = 30_000;
/** Two workers may find the same block free at the same moment. */
const START_ATTEMPTS = 5;

let launcher: Launcher | undefined;

process.title = 'rednode: launcher';
// A signal, or the end of whoever asked, may come in the middle of a start, which then undoes itself and throws.
process.once('disconnect', () => {
  if (launcher === undefined) process.kill(process.pid, 'SIGTERM');
  else end();
});
process.on('message', (message) => {
  void answer(message as ToLauncherProcess);
});

async function answer(request: ToLauncherProcess): Promise<void> {
  const { id } = request;
  try {
    send({ id, result: await perform(request) });
  } catch (error) {
    send({ id, error: packed(error) });
    if (launcher === undefined) end();
  }
}

async function perform(request: ToLauncherProcess): Promise<LauncherResults[keyof LauncherResults]> {
  if (request.method === 'start') {
    launcher = await start(request.settings);
    void launcher.stopped.then(end);
    return launcher.status();
  }
  if (launcher === undefined) throw new Error(`${request.method} before start`);
  if (request.method === 'status') return launcher.status();
  return request.method === 'kill' ? launcher.kill(request.node) : launcher.restart(request.node);
}

async function start(settings: ClusterSettings): Promise<Launcher> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startCluster(optionsOf(settings), () => undefined);
    } catch (error) {
      if (settings.port !== undefined || !isPortTaken(error) || attempt === START_ATTEMPTS) throw error;
    }
  }
}

function optionsOf(settings: ClusterSettings): ClusterOptions {
  const { host, masters, replicas, port, startTimeoutMs, password } = settings;
  const { maxMemoryBytes, evictionPolicy, logLevel } = settings;
  return {
    ...{ name: CLUSTER_NAME, host, masters, replicasPerMaster: replicas, startTimeoutMs },
    ...{ maxMemoryBytes, evictionPolicy, logLevel },
    port: port ?? randomInt(FIRST_PORT, LAST_PORT),
    portIsExplicit: port !== undefined,
    directory: clusterDirectory(rednodeHome(), CLUSTER_NAME),
    ephemeral: true,
    ...(password === undefined ? {} : { adminPasswordHash: hashSecret(password) }),
  };
}

/** Whether a start failed because somebody took a port between its choice and its use. */
function isPortTaken(error: unknown): boolean {
  for (let cause = error; cause instanceof RedNodeError; cause = cause.cause) {
    if (cause.context.code === 'EADDRINUSE') return true;
  }
  return false;
}

function packed(error: unknown): PackedError {
  if (!(error instanceof RedNodeError)) {
    return { code: 'INTERNAL', message: messageOf(error), exitCode: ExitCode.internal, context: {} };
  }
  const { code, message, exitCode, context } = error;
  return { code, message, exitCode, context };
}

function send(message: FromLauncherProcess): void {
  if (process.connected) process.send?.(message);
}

/** The last of it: nodes, folder, process. */
function end(): void {
  const isOver = launcher?.stop() ?? Promise.resolve();
  isOver
    .then(() => rm(rednodeHome(), { recursive: true, force: true, maxRetries: 5 }))
    .then(
      () => {
        if (process.connected) process.disconnect();
      },
      (error: unknown) => {
        process.emitWarning(`cannot remove ${rednodeHome()}: ${messageOf(error)}`);
        process.exit(ExitCode.io);
      },
    );
}
