/** What the shell asks of the cluster client. RoutingClient has it; tests pass a fake. */
import type { SubscriptionEvent } from '../client/subscription.js';
import type { MonitorListener, MonitorStream } from '../client/monitor-stream.js';
import type { ClientTransaction } from '../client/transaction.js';
import type { ClientNode, ClientStats, CommandArgument, Explanation, RoutedReply } from '../client/types.js';
import type { Reply } from '../resp/reply.js';

export interface ShellClient {
  readonly isCluster: boolean;
  readonly stats: Readonly<ClientStats>;
  execute(words: readonly CommandArgument[]): Promise<RoutedReply>;
  /** Runs a command on the node of this name. */
  executeOn(nodeName: string, words: readonly CommandArgument[]): Promise<RoutedReply>;
  explain(words: readonly CommandArgument[]): Explanation;
  nodes(): readonly ClientNode[];
  /** Makes every connection, and later ones, those of this user. Rejects with the server's words. */
  authenticate(username: string | undefined, password: string): Promise<void>;
  /** `TENANT USE` on every connection, and on later ones. Rejects with the server's words. */
  selectTenant(name: string): Promise<void>;
  openSubscription(): Promise<ShellSubscription>;
  /** Has every node show what it runs. */
  openMonitor(onLine: MonitorListener): Promise<MonitorStream>;
  /** For MULTI and WATCH, and what comes after them. */
  transaction(): ClientTransaction;
  close(): Promise<void> | void;
}

/** A connection of its own that messages arrive on. */
export interface ShellSubscription {
  /** SUBSCRIBE, PSUBSCRIBE and their opposites. */
  send(words: readonly CommandArgument[]): Promise<Reply>;
  onMessage(handler: (event: SubscriptionEvent) => void): void;
  /** Settles when the connection is gone. */
  readonly closed: Promise<unknown>;
  close(): Promise<void> | void;
}
