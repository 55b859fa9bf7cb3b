/** Versions that the program tells of itself. */

/** RedNode's own; kept equal to package.json by a test. */
export const version = '0.1.0';

/** The Redis version whose commands and replies these are: clients and tools switch features by it. */
export const compatibleRedisVersion = '7.0.15';
