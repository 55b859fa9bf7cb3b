/** Whoever limits what a keyspace may hold: asked before a value grows by more than the command that grows it brings. */
import type { Keyspace } from './keyspace.js';

export interface GrowthGuard {
  /** Throws KeyspaceFullError to prevent the growth. */
  admitGrowth(keyspace: Keyspace, bytes: number): void;
}
