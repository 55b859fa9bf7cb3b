/** A launcher in its terminal: its events as lines, until a signal or another terminal stops it. */
import type { Launcher } from '../cluster/launcher.js';
import type { ClusterEvent } from '../cluster/types.js';
import { ExitCode } from '../errors.js';
import { eventLine } from './cluster-status-view.js';
import { onBrokenPipe, writeMessage } from './output.js';
import { onStopSignal } from './repeat.js';
import type { Theme } from './theme.js';

const EVENT_POLL_MS = 200;

/** Resolves when every node is gone. The first signal stops the cluster, the second does not wait for it. */
export async function runUntilStopped(launcher: Launcher, theme: Theme): Promise<void> {
  // Nobody reads what is said any more; that is no reason to end a cluster.
  onBrokenPipe(() => undefined);
  const release = stopOnSignal(launcher, theme);
  const stopWatching = watchEvents(launcher, (event) => {
    writeMessage(eventLine(event, theme));
  });
  await launcher.stopped;
  stopWatching();
  release();
}

function stopOnSignal(launcher: Launcher, theme: Theme): () => void {
  let signals = 0;
  return onStopSignal(() => {
    signals++;
    if (signals > 1) process.exit(ExitCode.interrupted);
    writeMessage(theme.dim(`\n  stopping (again: at once)`));
    void launcher.stop();
  });
}

/** Calls `onEvent` for every event from now on. Returns what ends it. */
function watchEvents(launcher: Launcher, onEvent: (event: ClusterEvent) => void): () => void {
  let lastSeen = launcher.status().events.at(-1);
  const timer = setInterval(() => {
    const { events } = launcher.status();
    const fresh = lastSeen === undefined ? events : events.slice(events.lastIndexOf(lastSeen) + 1);
    lastSeen = events.at(-1) ?? lastSeen;
    for (const event of fresh) onEvent(event);
  }, EVENT_POLL_MS);
  return () => {
    clearInterval(timer);
  };
}
