/** A ShellClient without a network: a map of keys, answers by command name, and a record of what it was asked. */
import type { SubscriptionEvent } from '../../src/client/subscription.js';
import type { ClientNode, Explanation, RoutedReply } from '../../src/client/types.js';
import type { MonitorListener, MonitorStream } from '../../src/client/monitor-stream.js';
import { ClientTransaction } from '../../src/client/transaction.js';
import { commandTable } from '../../src/command-table/index.js';
import { ExitCode, RedNodeError } from '../../src/errors.js';
import type { Reply } from '../../src/resp/reply.js';
import type { ShellClient, ShellSubscription } from '../../src/shell/shell-client.js';

type Words = readonly (string | Uint8Array)[];
type Answer = (words: readonly string[]) => RoutedReply | Promise<RoutedReply>;

export const bulk = (text: string): Reply => ({ type: 'bulk', value: Buffer.from(text) });
export const failure = (value: string): Reply => ({ type: 'error', value });
export const from = (reply: Reply, ...nodes: string[]): RoutedReply => ({ reply, nodes, elapsedMs: 1 });

export class FakeClient implements ShellClient {
  readonly isCluster = true;
  readonly stats = { commands: 7, split: 1, moved: 0, ask: 0, retries: 0, reconnects: 0, topologyRefreshes: 2 };
  /** Every command executed, as text. */
  readonly sent: string[] = [];
  readonly values = new Map<string, string>();
  readonly answers = new Map<string, Answer>();
  selectTenantError: Error | undefined;
  isClosed = false;
  readonly subscription = new FakeSubscription();
  private readonly masters: readonly ClientNode[] = [1, 2, 3].map((number) => ({
    name: `n${String(number)}`,
    host: '127.0.0.1',
    port: 7378 + number,
    role: 'master',
    health: 'online',
    slots: [],
    slotCount: 5461,
    replicationOffset: 3806,
  }));
  private readonly replica: ClientNode = {
    ...this.masters[0],
    name: 'n4',
    port: 7382,
    role: 'replica',
    masterName: 'n1',
    slotCount: 0,
    replicationOffset: 0,
  };

  async execute(words: Words): Promise<RoutedReply> {
    const texts = words.map((word) => Buffer.from(word as string).toString());
    this.sent.push(texts.join(' '));
    const answer = this.answers.get(texts[0].toUpperCase());
    return answer === undefined ? this.fromMap(texts) : answer(texts);
  }

  executeOn(nodeName: string, words: Words): Promise<RoutedReply> {
    const answer = this.answers.get(`${nodeName} ${words.join(' ')}`);
    const refusal = new RedNodeError('CONNECTION_LOST', `${nodeName} was lost`, ExitCode.unreachable);
    return answer === undefined ? Promise.reject(refusal) : Promise.resolve(answer([]));
  }

  explain(words: Words): Explanation {
    const texts = words.map((word) => Buffer.from(word as string).toString());
    const [name, key] = texts;
    const isWrite = name.toUpperCase() === 'SET';
    const keys = [{ key, hashTag: undefined, slot: 9437, master: this.masters[0], replicas: [this.replica] }];
    return { command: texts.join(' '), isWrite, keys, routing: 'single', targets: ['n1'] };
  }

  nodes(): readonly ClientNode[] {
    return [...this.masters, this.replica];
  }

  authenticate(username: string | undefined, password: string): Promise<void> {
    this.sent.push(`(auth ${username ?? '-'} ${password})`);
    return Promise.resolve();
  }

  selectTenant(name: string): Promise<void> {
    this.sent.push(`(use ${name})`);
    return this.selectTenantError === undefined ? Promise.resolve() : Promise.reject(this.selectTenantError);
  }

  openSubscription(): Promise<ShellSubscription> {
    return Promise.resolve(this.subscription);
  }

  openMonitor(onLine: MonitorListener): Promise<MonitorStream> {
    for (const node of this.masters) onLine(`1.000000 [0 127.0.0.1:5] "GET" "${node.name}"`, node);
    return Promise.resolve({ closed: new Promise(() => undefined), close: () => Promise.resolve() });
  }

  /** Its connection queues everything. */
  transaction(): ClientTransaction {
    const [node] = this.masters;
    return new ClientTransaction({
      table: commandTable,
      isCluster: () => this.isCluster,
      ownerOf: () => node,
      open: () =>
        Promise.resolve({
          node,
          isOpen: true,
          send: (words) => {
            this.sent.push(`(pinned ${words.map((word) => Buffer.from(word as string).toString()).join(' ')})`);
            return Promise.resolve<Reply>({ type: 'simple', value: 'QUEUED' });
          },
          close: () => Promise.resolve(),
        }),
    });
  }

  close(): void {
    this.isClosed = true;
  }

  private fromMap(texts: readonly string[]): RoutedReply {
    const [name, key, value] = texts;
    switch (name.toUpperCase()) {
      case 'SET':
        this.values.set(key, value);
        return from({ type: 'simple', value: 'OK' }, 'n1');
      case 'GET': {
        const found = this.values.get(key);
        return from(found === undefined ? { type: 'null' } : bulk(found), 'n1');
      }
      case 'INCR':
        return from(failure('ERR value is not an integer or out of range'), 'n2');
      case 'DBSIZE':
        return from({ type: 'integer', value: this.values.size }, 'n1', 'n2', 'n3');
      case 'TENANT':
        return from({ type: 'array', items: [bulk('acme'), bulk('Alpha'), bulk('default')] }, 'n1');
      case 'FLUSHALL':
        this.values.clear();
        return from({ type: 'simple', value: 'OK' }, 'n1', 'n2', 'n3');
      default:
        return from(failure(`ERR unknown command '${name}'`), 'n1');
    }
  }
}

export class FakeSubscription implements ShellSubscription {
  isClosed = false;
  lose: () => void = () => undefined;
  readonly closed = new Promise<void>((resolve) => {
    this.lose = resolve;
  });
  private handler: (event: SubscriptionEvent) => void = () => undefined;

  send(words: Words): Promise<Reply> {
    const channel = Buffer.from(words[1] as string);
    this.handler({ kind: 'confirmation', verb: 'subscribe', channel, count: 1 });
    const items: Reply[] = [bulk('subscribe'), bulk(channel.toString()), { type: 'integer', value: 1 }];
    return Promise.resolve({ type: 'push', items });
  }

  onMessage(handler: (event: SubscriptionEvent) => void): void {
    this.handler = handler;
  }

  deliver(channel: string, text: string): void {
    this.handler({ kind: 'message', channel: Buffer.from(channel), payload: Buffer.from(text) });
  }

  close(): void {
    this.isClosed = true;
  }
}
