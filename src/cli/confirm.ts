/** Asking before something is destroyed. Nothing is ever asked where nobody can answer. */
import { ExitCode, RedNodeError } from '../errors.js';

export interface Confirmation {
  /** What happens: `TENANT DROP removes tenant acme with its 12 keys`. */
  readonly what: string;
  /** What must be typed to go on: the name of what is destroyed. */
  readonly word: string;
  /** The same command with the consent in it, for the error. */
  readonly commandWithYes: string;
  /** `--yes` was given. */
  readonly isGiven: boolean;
}

/** Returns when the person agrees; throws NOT_CONFIRMED (exit code 2) when not, or when there is no terminal to ask on. */
export async function confirm(confirmation: Confirmation): Promise<void> {
  if (confirmation.isGiven) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new RedNodeError('NOT_CONFIRMED', `${confirmation.what}: this needs --yes`, ExitCode.usage, {
      hint: confirmation.commandWithYes,
    });
  }
  const typed = await askFor(`${confirmation.what}. Type ${confirmation.word} to go on:`);
  if (typed.trim() === confirmation.word) return;
  throw new RedNodeError('NOT_CONFIRMED', 'not confirmed: nothing was changed', ExitCode.usage);
}

async function askFor(message: string): Promise<string> {
  const { default: inquirer } = await import('inquirer');
  const prompt = inquirer.createPromptModule({ output: process.stderr });
  try {
    const answers = await prompt<{ word: string }>([{ type: 'input', name: 'word', message, theme: { prefix: ' ' } }]);
    return answers.word;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') {
      throw new RedNodeError('INTERRUPTED', 'interrupted: nothing was changed', ExitCode.interrupted, { cause: error });
    }
    throw error;
  }
}
