/**
 * RedNode for test suites: `startServer` for one node, `startCluster` for a cluster. Both are quiet, take free ports, keep
 * nothing, and end with the process that started them.
 */
export { RedNodeError } from '../errors.js';
export { startCluster } from './start-cluster.js';
export { startServer } from './start-server.js';
export type * from './types.js';
