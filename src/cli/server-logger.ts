/** The log of a server in the foreground, on stderr: readable lines on a terminal, JSON lines elsewhere. */
import type { Logger } from 'pino';
import { prettyLogLine } from './log-view.js';
import { createTheme } from './theme.js';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export async function createServerLogger(level: string): Promise<Logger> {
  const { default: pino } = await import('pino');
  if (!process.stderr.isTTY) return pino({ level, base: null }, process.stderr);
  const theme = createTheme(process.stderr);
  return pino(
    { level, base: null },
    {
      write(line: string) {
        process.stderr.write(`${prettyLogLine(line.trimEnd(), theme)}\n`);
      },
    },
  );
}
