/** The least of a node that replication needs: a store, its log, and a few commands. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../../src/clock.js';
import { Store } from '../../src/keyspace/store.js';
import { ReplicationLog, type LogOptions } from '../../src/replication/log.js';
import { ReplicationMaster } from '../../src/replication/master.js';
import { ReplicaLink, type ReplicaLinkOptions } from '../../src/replication/replica.js';
import type { ReplicationTimings } from '../../src/replication/timings.js';
import { encodeCommand } from '../../src/resp/encode.js';
import { RequestDecoder } from '../../src/resp/request-decoder.js';
import type { Request } from '../../src/resp/request.js';
import { eventually } from '../support/eventually.js';

export interface TestNodeOptions {
  readonly log?: LogOptions;
  readonly timings?: Partial<ReplicationTimings>;
  readonly clock?: Clock;
}

export class TestNode {
  readonly store = new Store();
  readonly log: ReplicationLog;
  readonly master: ReplicationMaster;
  readonly tenants = new Map<number, string>();
  readonly links: ReplicaLink[] = [];

  constructor(
    readonly role: 'master' | 'replica',
    private readonly options: TestNodeOptions = {},
  ) {
    this.store.isMaster = role === 'master';
    this.log = new ReplicationLog(options.log);
    this.master = new ReplicationMaster({
      log: this.log,
      store: this.store,
      tenants: () => this.tenants,
      ...(options.timings === undefined ? {} : { timings: options.timings }),
      ...(options.clock === undefined ? {} : { clock: options.clock }),
    });
  }

  /** Runs a command as a client's, and logs it. */
  write(database: number, ...words: (string | Uint8Array)[]): void {
    const decoder = new RequestDecoder();
    decoder.feed(encodeCommand(words));
    decoder.next();
    const { request } = decoder;
    this.apply(database, request);
    if (!this.log.isActive) return;
    this.log.selectDatabase(database);
    this.log.append(request.buffer, request.frameStart, request.frameEnd);
  }

  /** SET key value [PXAT ms], DEL key, FLUSHDB. */
  readonly apply = (database: number, request: Request): void => {
    const keyspace = this.store.keyspace(database);
    const { buffer, offsets, lengths } = request;
    if (request.is(0, 'SET')) {
      const ref = keyspace.setString(buffer, offsets[1], lengths[1], buffer, offsets[2], lengths[2], false);
      if (request.argc > 3) keyspace.setDeadline(buffer, offsets[1], lengths[1], ref, Number(request.text(4)));
    } else if (request.is(0, 'DEL')) {
      keyspace.remove(buffer, offsets[1], lengths[1]);
    } else if (request.is(0, 'FLUSHDB')) {
      keyspace.clear();
    } else {
      throw new Error(`unknown command ${request.text(0)}`);
    }
  };

  /** Serves the replica at the other end of `duplex`. */
  feed(duplex: Duplex, name = 'replica'): ReturnType<ReplicationMaster['attach']> {
    return this.master.attach(duplex, name);
  }

  /** Follows the master at the other end of `duplex`. */
  follow(duplex: Duplex, options: Partial<ReplicaLinkOptions> = {}): ReplicaLink {
    const { timings, clock } = this.options;
    const link = new ReplicaLink({
      duplex,
      log: this.log,
      store: this.store,
      apply: this.apply,
      ...(timings === undefined ? {} : { timings }),
      ...(clock === undefined ? {} : { clock }),
      ...options,
    });
    this.links.push(link);
    return link;
  }

  /** Every key as `database/key`, with its value and deadline. */
  state(): Map<string, string> {
    const state = new Map<string, string>();
    for (const keyspace of this.store.keyspaces()) {
      keyspace.forEach((ref) => {
        const name = `${String(keyspace.database)}/${keyspace.keyOf(ref).toString('latin1')}`;
        state.set(name, `${keyspace.value(ref).toString('latin1')} until ${String(keyspace.deadline(ref))}`);
      });
    }
    return new Map([...state].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Ends every link, in both directions. */
  close(): void {
    this.master.close();
    for (const link of this.links) link.close();
  }
}

/** Waits until the link is in sync; fails at once, with the reason, when it is lost. */
export async function untilInSync(link: ReplicaLink, timeoutMs = 5_000): Promise<void> {
  let lost: string | undefined;
  await eventually(
    () => {
      lost = link.lostReason;
      return link.isInSync || lost !== undefined;
    },
    { timeoutMs },
  );
  if (lost !== undefined) throw new Error(`the link was lost: ${lost}`);
}

/** Waits until the replica has applied everything that is in the master's log. */
export async function untilEven(master: TestNode, replica: TestNode, timeoutMs = 5_000): Promise<void> {
  await eventually(() => replica.log.endOffset === master.log.endOffset, { timeoutMs });
}
