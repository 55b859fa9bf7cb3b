/** Who and where the shell is: its client, its tenant, and whether the cluster can be reached. */
import type { ClientTransaction } from '../client/transaction.js';
import type { RoutedReply } from '../client/types.js';
import { ExitCode, messageOf, RedNodeError } from '../errors.js';
import type { ShellClient } from './shell-client.js';

/** The tenant of a connection that has not said who it is. */
const DEFAULT_TENANT = 'default';
/** How the server says that a token is needed, or that the one given is wrong. */
const REFUSAL = /\b(NOAUTH|NOPERM|WRONGPASS)\b/;
/** Tab does not wait longer than this for names. */
const TENANT_NAMES_TIMEOUT_MS = 500;
const TENANT_NAMES_MAX = 1000;

export class Session {
  private reachable = true;
  private readonly transaction: ClientTransaction;

  constructor(
    readonly client: ShellClient,
    readonly clusterName: string,
    private tenantName: string,
  ) {
    this.transaction = client.transaction();
  }

  get tenant(): string {
    return this.tenantName;
  }

  /** False from a lost connection until something is answered again. */
  get isConnected(): boolean {
    return this.reachable;
  }

  /** Whether commands are queued: between MULTI and EXEC. */
  get isInTransaction(): boolean {
    return this.transaction.isOpen;
  }

  execute(words: readonly Uint8Array[]): Promise<RoutedReply> {
    const runner = this.transaction.takes(words) ? this.transaction : this.client;
    return this.observed(runner.execute(words));
  }

  async selectTenant(name: string): Promise<void> {
    this.refuseInTransaction();
    await this.observed(this.client.selectTenant(name));
    this.tenantName = name;
  }

  /** As the server's AUTH: without a user name, the admin's password. */
  async authenticate(username: string | undefined, password: string): Promise<void> {
    this.refuseInTransaction();
    await this.observed(this.client.authenticate(username, password));
    this.tenantName = username ?? DEFAULT_TENANT;
  }

  /** Whether an error is the server's refusal of this user, which a token could change. */
  isRefusal(error: unknown): boolean {
    return REFUSAL.test(messageOf(error));
  }

  /** Names for completion; none when they are not told in time, since a key press must not wait for a network. */
  async tenantNames(): Promise<readonly string[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, TENANT_NAMES_TIMEOUT_MS, undefined);
    });
    // A failure means "no candidates": the next command tells it properly.
    const listed = this.client.execute(['TENANT', 'LIST']).catch(() => undefined);
    const reply = (await Promise.race([listed, late]))?.reply;
    clearTimeout(timer);
    if (reply?.type !== 'array' && reply?.type !== 'set') return [];
    return reply.items
      .slice(0, TENANT_NAMES_MAX)
      .flatMap((item) => (item.type === 'bulk' || item.type === 'simple' ? [item.value.toString()] : []));
  }

  /** It would go on as who it was begun as. */
  private refuseInTransaction(): void {
    if (!this.transaction.isActive) return;
    const what = this.transaction.isOpen ? 'a transaction is open' : 'keys are watched';
    throw new RedNodeError('IN_TRANSACTION', `${what} for tenant ${this.tenantName}`, ExitCode.usage, {
      hint: this.transaction.isOpen ? 'exec or discard, then again' : 'unwatch, then again',
    });
  }

  private async observed<T>(answer: Promise<T>): Promise<T> {
    try {
      const value = await answer;
      this.reachable = true;
      return value;
    } catch (error) {
      if (error instanceof RedNodeError && error.exitCode === ExitCode.unreachable) this.reachable = false;
      throw error;
    }
  }
}
