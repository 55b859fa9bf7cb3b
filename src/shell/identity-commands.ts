/** Commands that change who the shell is on its connections: done for all of them, or not at all. */
import { ExitCode, RedNodeError } from '../errors.js';
import type { Prompter } from './prompter.js';
import { quoteIfNeeded } from './quoting.js';
import type { Session } from './session.js';

export interface IdentityContext {
  readonly session: Session;
  /** Absent where nobody can be asked. */
  readonly prompter?: Prompter | undefined;
}

/** They would change one of the shell's several connections, and it would no longer be where the prompt says. */
const SINGLE_CONNECTION: ReadonlySet<string> = new Set(['RESET', 'ASKING', 'READONLY', 'READWRITE', 'SYNC', 'PSYNC']);

/** Enters a tenant; its token is asked for where the server wants one. Throws RedNodeError with the server's words. */
export async function useTenant(name: string, { session, prompter }: IdentityContext): Promise<void> {
  try {
    await session.selectTenant(name);
  } catch (error) {
    const refusal = inShellTerms(error, session);
    if (prompter === undefined || !session.isRefusal(error)) throw refusal;
    const token = await prompter.secret(`token of tenant ${quoteIfNeeded(Buffer.from(name))}`);
    if (token === undefined) throw refusal;
    await authenticate(name, token, session);
  }
}

async function authenticate(username: string | undefined, password: string, session: Session): Promise<void> {
  try {
    await session.authenticate(username, password);
  } catch (error) {
    throw inShellTerms(error, session);
  }
}

/** What the server said, with the node by its name, and with something to try that can be typed here. */
function inShellTerms(error: unknown, session: Session): unknown {
  if (!(error instanceof RedNodeError) || error.exitCode !== ExitCode.serverError) return error;
  const { code, message, exitCode, context } = error;
  const hint = session.isRefusal(error) ? 'auth <tenant> <token>' : 'tenant list';
  const node = session.client.nodes().find(({ host, port }) => `${host}:${String(port)}` === context.node);
  const named = node === undefined ? context : { ...context, node: node.name };
  return new RedNodeError(code, message, exitCode, { hint, context: named, cause: error });
}

/** Runs AUTH and TENANT USE; false when the words are neither. Throws `SINGLE_CONNECTION` for what no shell can do. */
export async function runIdentityCommand(
  name: string,
  words: readonly Buffer[],
  context: IdentityContext,
): Promise<boolean> {
  const texts = words.map((word) => word.toString());
  if (name === 'AUTH' && (texts.length === 2 || texts.length === 3)) {
    await authenticate(texts.length === 3 ? texts[1] : undefined, texts[texts.length - 1], context.session);
    return true;
  }
  if (name === 'TENANT' && texts.length === 3 && texts[1].toUpperCase() === 'USE') {
    await useTenant(texts[2], context);
    return true;
  }
  if (!SINGLE_CONNECTION.has(name) && (name !== 'HELLO' || texts.length <= 2)) return false;
  const message = `${name} is for one connection, and the shell has several`;
  throw new RedNodeError('SINGLE_CONNECTION', message, ExitCode.usage, {
    hint: 'use <tenant> or auth <tenant> <token>, which reach all of them',
  });
}
