/** Questions that the shell asks on a terminal: inquirer, or plain lines where the cursor cannot be moved. */
import type { Readable, Writable } from 'node:stream';
import { ExitCode, RedNodeError } from '../errors.js';
import type { LineReader } from './line-reader.js';
import type { Screen } from './screen.js';
import { hangingIndent, wrapWords } from './wrap-words.js';

/** Inquirer puts this and a blank before a question. */
const PREFIX = ' ';

export interface Prompter {
  /** Shows a message; true when exactly `expected` is typed. */
  typeToConfirm(message: string, expected: string): Promise<boolean>;
  /** Asks for something that must not be seen; undefined when nothing is given. */
  secret(message: string): Promise<string | undefined>;
}

/** Asks through inquirer, to which the line editor leaves the terminal meanwhile. */
export class InquirerPrompter implements Prompter {
  constructor(
    private readonly reader: LineReader,
    private readonly streams: { readonly input: Readable; readonly output: Writable },
    private readonly screen: Screen,
  ) {}

  async typeToConfirm(message: string, expected: string): Promise<boolean> {
    const margin = `${PREFIX} `;
    const wrapped = hangingIndent(margin, message, this.screen.columns).slice(margin.length);
    const answer = await this.ask({ type: 'input', message: wrapped });
    return answer?.trim() === expected;
  }

  async secret(message: string): Promise<string | undefined> {
    const answer = await this.ask({ type: 'password', message, mask: '*' });
    return answer === '' ? undefined : answer;
  }

  /** Loaded when it is first needed: the shell starts without it. Ctrl-C is an answer too: none. */
  private ask(question: AnyQuestion): Promise<string | undefined> {
    return this.reader.handOver(async () => {
      const { createPromptModule } = await import('inquirer');
      const prompt = createPromptModule(this.streams);
      try {
        const theme = { prefix: PREFIX };
        const questions = question.type === 'input' ? { ...question, theme } : { ...question, theme };
        const answers = await prompt<{ answer: string }>([{ ...questions, name: 'answer' }]);
        return answers.answer;
      } catch (error) {
        if (error instanceof Error && error.name === 'ExitPromptError') return undefined;
        throw error;
      }
    });
  }
}

type AnyQuestion =
  | { readonly type: 'input'; readonly message: string }
  | { readonly type: 'password'; readonly message: string; readonly mask: string };

/** Asks with a line of text. What is typed can be seen there, so a secret is not asked for. */
export class PlainPrompter implements Prompter {
  constructor(
    private readonly reader: LineReader,
    private readonly screen: Screen,
  ) {}

  async typeToConfirm(message: string, expected: string): Promise<boolean> {
    const question = wrapWords(message, this.screen.columns).join('\n');
    const answer = await this.reader.readLine(`${question} `);
    return answer?.trim() === expected;
  }

  secret(message: string): Promise<string | undefined> {
    return Promise.reject(
      new RedNodeError('CANNOT_ASK', `${message}: this terminal would show what is typed`, ExitCode.usage, {
        hint: 'start the shell with --url redis://tenant:token@host:port',
      }),
    );
  }
}
