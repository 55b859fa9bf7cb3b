/** The steps of something that takes a while, shown as they happen: a spinner on a terminal, plain lines elsewhere. */
import type { Ora } from 'ora';
import { formatDuration } from './formats.js';
import { writeMessage } from './output.js';
import type { Theme } from './theme.js';

const NAME_WIDTH = 12;
const DETAIL_WIDTH = 38;
const TIME_WIDTH = 9;

/** What is told of one step; the shape of the launcher's own steps. */
export type ProgressStep =
  | { readonly phase: 'begin'; readonly name: string }
  | { readonly phase: 'progress'; readonly name: string; readonly detail: string }
  | { readonly phase: 'end'; readonly name: string; readonly detail: string; readonly elapsedMs: number };

/** `✔ placement    16384 slots over 3 masters    3 ms` */
export function finishedStepLine(name: string, detail: string, elapsedMs: number, theme: Theme): string {
  const mark = theme.good(theme.unicode ? '✔' : '*');
  const time = theme.dim(formatDuration(elapsedMs).padStart(TIME_WIDTH));
  return `  ${mark} ${name.padEnd(NAME_WIDTH)} ${detail.padEnd(DETAIL_WIDTH)} ${time}`;
}

/** The choice of ports has no progress to tell, but something to know: that others than the usual ones are used. */
function isWarning(
  step: ProgressStep,
): step is Extract<ProgressStep, { phase: 'progress' }> & { readonly name: 'ports' } {
  return step.phase === 'progress' && step.name === 'ports';
}

function warningLine(detail: string, theme: Theme): string {
  return `  ${theme.degraded('!')} ${detail}`;
}

export interface Progress {
  readonly onStep: (step: ProgressStep) => void;
  /** Removes what is still moving. Must be called before an error is shown. */
  readonly stop: () => void;
}

/** Shows nothing. */
export const silentProgress: Progress = { onStep: () => undefined, stop: () => undefined };

/** Progress on stderr, so that stdout holds nothing but the result. */
export async function startProgress(theme: Theme): Promise<Progress> {
  const isAnimated = process.stderr.isTTY && process.env.TERM !== 'dumb' && process.env.CI === undefined;
  if (!isAnimated) return plainProgress(theme);
  const { default: ora } = await import('ora');
  return animatedProgress(theme, ora({ prefixText: ' ', discardStdin: false, stream: process.stderr }));
}

function plainProgress(theme: Theme): Progress {
  return {
    onStep: (step) => {
      if (step.phase === 'end') writeMessage(finishedStepLine(step.name, step.detail, step.elapsedMs, theme));
      else if (isWarning(step)) writeMessage(warningLine(step.detail, theme));
    },
    stop: () => undefined,
  };
}

function animatedProgress(theme: Theme, spinner: Ora): Progress {
  return {
    onStep: (step) => {
      if (step.phase === 'begin') {
        spinner.start(step.name);
      } else if (isWarning(step)) {
        spinner.stop();
        writeMessage(warningLine(step.detail, theme));
      } else if (step.phase === 'progress') {
        spinner.text = `${step.name.padEnd(NAME_WIDTH)} ${theme.dim(step.detail)}`;
      } else {
        spinner.stop();
        writeMessage(finishedStepLine(step.name, step.detail, step.elapsedMs, theme));
      }
    },
    stop: () => {
      spinner.stop();
    },
  };
}
