/** What the server needs of a logger; pino's loggers have it. */
export interface Logger {
  /** The least level that is logged; absent where that cannot be changed. */
  level?: string;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const discard = (): void => undefined;

/** For tests and for nodes that are part of another program. */
export const silentLogger: Logger = { debug: discard, info: discard, warn: discard, error: discard };
