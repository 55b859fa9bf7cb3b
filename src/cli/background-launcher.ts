/**
 * `cluster up --detach`: a launcher in a process of its own, which outlives the terminal. Until the cluster is ready the
 * two are joined by IPC: steps and errors come back, and if the terminal goes away the start is given up.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import type { ClusterOptions, ClusterStatus, StartStep } from '../cluster/types.js';
import { fileError, makePrivateFolder, OTHER_FOLDER_HINT, PRIVATE_FILE_MODE } from '../cluster/private-files.js';
import { rednodeHome } from '../config/home.js';
import { ExitCode, RedNodeError } from '../errors.js';
import { unpackError, type TransferredError } from './error-transfer.js';
import { launcherLogFile } from './launcher-log.js';
import { onStopSignal } from './repeat.js';

/** oclif id of the hidden command that the new process runs. */
const LAUNCH_COMMAND = ['cluster', 'launch'] as const;

/** The start of the process itself comes on top of the time that the launcher takes. */
const PROCESS_START_MS = 20_000;

export interface LaunchRequest {
  readonly options: ClusterOptions;
}

export type LaunchReport =
  /** The process is up and waits for its LaunchRequest. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'step'; readonly step: StartStep }
  | { readonly kind: 'ready'; readonly status: ClusterStatus }
  | { readonly kind: 'failed'; readonly error: TransferredError };

/** Resolves when the cluster is ready and on its own. Throws what its start threw. */
export async function launchInBackground(
  options: ClusterOptions,
  onStep: (step: StartStep) => void,
): Promise<ClusterStatus> {
  const logFile = launcherLogFile(rednodeHome(), options.name);
  makePrivateFolder(path.dirname(logFile));
  const child = spawnLauncher(logFile);
  const release = onStopSignal((signal) => {
    child.kill(signal);
  });
  try {
    const status = await untilReady(child, options, onStep);
    child.disconnect();
    child.unref();
    return status;
  } catch (error) {
    child.kill('SIGTERM');
    throw error;
  } finally {
    release();
  }
}

function spawnLauncher(logFile: string): ChildProcess {
  const log = openLog(logFile);
  try {
    const script = process.argv[1];
    return spawn(process.execPath, [...process.execArgv, script, ...LAUNCH_COMMAND], {
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      serialization: 'advanced',
    });
  } finally {
    closeSync(log);
  }
}

function openLog(logFile: string): number {
  try {
    return openSync(logFile, 'w', PRIVATE_FILE_MODE);
  } catch (error) {
    throw fileError(`cannot write the log file ${logFile}`, error, OTHER_FOLDER_HINT);
  }
}

function untilReady(
  child: ChildProcess,
  options: ClusterOptions,
  onStep: (step: StartStep) => void,
): Promise<ClusterStatus> {
  return new Promise((resolve, reject) => {
    const limitMs = options.startTimeoutMs + PROCESS_START_MS;
    const timer = setTimeout(() => {
      reject(launcherError(`the launcher did not answer within ${limitMs} ms`, options.name, ExitCode.timeout));
    }, limitMs);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      reject(exitError(options.name, code, signal));
    });
    child.on('message', (message) => {
      const report = message as LaunchReport;
      if (report.kind === 'waiting') child.send({ options } satisfies LaunchRequest);
      else if (report.kind === 'step') onStep(report.step);
      else {
        clearTimeout(timer);
        if (report.kind === 'ready') resolve(report.status);
        else reject(unpackError(report.error));
      }
    });
  });
}

function exitError(name: string, code: number | null, signal: string | null): RedNodeError {
  if (signal === 'SIGINT' || code === ExitCode.interrupted) {
    return new RedNodeError('INTERRUPTED', 'interrupted: the cluster was not started', ExitCode.interrupted);
  }
  if (signal === 'SIGTERM' || code === ExitCode.terminated) {
    return new RedNodeError('TERMINATED', 'terminated: the cluster was not started', ExitCode.terminated);
  }
  return launcherError(`the launcher ended (${signal ?? `exit code ${String(code)}`})`, name, ExitCode.internal);
}

function launcherError(message: string, name: string, exitCode: ExitCode): RedNodeError {
  return new RedNodeError('LAUNCH_FAILED', message, exitCode, {
    hint: `rednode cluster up ${name}, without --detach, shows what happens`,
    context: { log: launcherLogFile(rednodeHome(), name) },
  });
}
