/** Colour with a meaning: red failed, yellow degraded, green well, dim secondary. Nothing is lost without it. */
import { Chalk, type ChalkInstance, type ColorSupportLevel } from 'chalk';

/** The part of a stream that decides how it is written to. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  getColorDepth?: (env?: object) => number;
}

export interface Theme {
  /** For parts that colour by themselves, such as the rendering of replies. */
  readonly chalk: ChalkInstance;
  readonly failed: (text: string) => string;
  readonly degraded: (text: string) => string;
  readonly good: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly accent: (text: string) => string;
  /** A stable colour for the node at this position in a list, so that it is the same in the ring and in its logs. */
  readonly node: (index: number, text: string) => string;
  /** Whether box-drawing and symbols beyond ASCII may be written. */
  readonly unicode: boolean;
}

const DEPTH_TO_LEVEL = new Map<number, ColorSupportLevel>([
  [1, 0],
  [4, 1],
  [8, 2],
  [24, 3],
]);

/**
 * Colour support of one stream. NO_COLOR (https://no-color.org) and TERM=dumb turn colour off, FORCE_COLOR turns it on
 * where there is no terminal; otherwise only a terminal gets colour.
 */
export function colourLevel(stream: OutputStream, env: NodeJS.ProcessEnv): ColorSupportLevel {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return 0;
  if (env.TERM === 'dumb') return 0;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced === '0' || forced === 'false' ? 0 : 1;
  if (stream.isTTY !== true) return 0;
  return DEPTH_TO_LEVEL.get(stream.getColorDepth?.(env) ?? 4) ?? 1;
}

/** Dumb terminals and the C locale get ASCII. */
export function supportsUnicode(env: NodeJS.ProcessEnv): boolean {
  if (env.TERM === 'dumb') return false;
  const locale = env.LC_ALL ?? env.LC_CTYPE ?? env.LANG;
  return locale === undefined || !/^(?:C|POSIX)$/.test(locale);
}

export function createTheme(stream: OutputStream, env: NodeJS.ProcessEnv = process.env): Theme {
  const level = colourLevel(stream, env);
  const chalk = new Chalk({ level });
  const nodeColours: readonly ChalkInstance[] = [chalk.cyan, chalk.magenta, chalk.yellow, chalk.green, chalk.blue];
  return {
    chalk,
    failed: chalk.red,
    degraded: chalk.yellow,
    good: chalk.green,
    dim: chalk.dim,
    strong: chalk.bold,
    accent: chalk.cyan,
    node: (index, text) => nodeColours[index % nodeColours.length](text),
    unicode: supportsUnicode(env),
  };
}

/** Columns that a line may take: the terminal's, or 80 where there is none. */
export function columnsOf(stream: OutputStream): number {
  const MINIMUM_COLUMNS = 40;
  return stream.isTTY === true && stream.columns !== undefined && stream.columns > 0
    ? Math.max(stream.columns, MINIMUM_COLUMNS)
    : 80;
}
