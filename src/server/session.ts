/** One client connection: its state, and the bytes in and out. Commands are run by the dispatcher. */
import type { Socket } from 'node:net';
import type { SessionPort } from '../command-table/context.js';
import { messageOf } from '../errors.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { DecodeResult, RequestDecoder } from '../resp/request-decoder.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Principal } from '../tenancy/registry.js';
import { Subscriptions } from './pubsub.js';
import type { Instance } from './instance.js';

/** Replies leave when this much of them has gathered, even amid a batch. */
const FLUSH_BYTES = 256 * 1024;
const NO_PERMISSION_FOR_TENANT = "NOPERM this user has no permissions to enter tenant '";

export class Session implements SessionPort {
  readonly decoder: RequestDecoder;
  readonly subscriptions: Subscriptions;
  readonly createdAtMs: number;
  readonly address: string;
  readonly localAddress: string;
  principal: Principal | undefined;
  /** The keys of the tenant it is in. */
  keyspace: Keyspace;
  name = '';
  libraryName = '';
  libraryVersion = '';
  readsFromReplica = false;
  lastCommand = '';
  lastActiveMs: number;
  commandCount = 0;
  private version: 2 | 3 = 2;
  private currentTenant: string;
  private isClosing = false;
  /** A reply is being waited for (`defer`), or the socket is full: nothing more is decoded until that is over. */
  private isWaiting = false;
  /** While commands run, what is pushed joins the replies in order. */
  private activeWriter: ReplyWriter | undefined;
  private readonly outbox: Buffer[] = [];
  /** Where its replies begin in the batch, while commands run. */
  private repliesFrom = 0;

  constructor(
    readonly id: number,
    private readonly socket: Socket,
    private readonly instance: Instance,
  ) {
    this.decoder = new RequestDecoder(instance.decoderLimits);
    this.address = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
    this.localAddress = `${socket.localAddress ?? ''}:${socket.localPort ?? 0}`;
    this.createdAtMs = this.lastActiveMs = instance.clock.now();
    this.principal = instance.registry.initialPrincipal;
    this.decoder.authenticated = this.isAuthenticated;
    this.currentTenant = instance.registry.defaultTenant.name;
    this.keyspace = instance.store.keyspace(instance.registry.defaultTenant.database);
    this.subscriptions = new Subscriptions(instance.pubsub, this, () => this.keyspace.database);
  }

  get protocol(): 2 | 3 {
    return this.version;
  }

  get tenant(): string {
    return this.currentTenant;
  }

  get isAuthenticated(): boolean {
    return this.principal !== undefined;
  }

  get isAdmin(): boolean {
    return this.principal?.isAdmin === true;
  }

  setProtocol(version: 2 | 3): void {
    this.version = version;
    if (this.activeWriter !== undefined) this.activeWriter.protocol = version;
  }

  authenticate(username: string | undefined, password: Uint8Array): string | undefined {
    const outcome = this.instance.registry.authenticate(username, password);
    if ('refusal' in outcome) return outcome.refusal;
    this.become(outcome.principal);
    return undefined;
  }

  private become(principal: Principal | undefined): void {
    this.principal = principal;
    this.decoder.authenticated = principal !== undefined;
    const tenant = principal?.tenant ?? this.instance.registry.defaultTenant;
    this.enter(tenant.name, tenant.database);
  }

  private enter(tenant: string, database: number): void {
    if (database !== this.keyspace.database) this.subscriptions.clear();
    this.currentTenant = tenant;
    this.keyspace = this.instance.store.keyspace(database);
  }

  useTenant(name: string): string | undefined {
    const tenant = this.instance.registry.find(name);
    const isOwn = this.principal?.tenant.name === name;
    if (!this.isAdmin && !isOwn) return `${NO_PERMISSION_FOR_TENANT}${name}'`;
    if (tenant === undefined) return `ERR no such tenant '${name}'`;
    this.enter(tenant.name, tenant.database);
    return undefined;
  }

  reset(): void {
    this.subscriptions.clear();
    this.setProtocol(2);
    this.name = '';
    this.readsFromReplica = false;
    this.become(this.instance.registry.initialPrincipal);
  }

  /** Takes a chunk from the socket and runs what is complete. */
  receive(bytes: Buffer, length: number): void {
    this.instance.statistics.inputBytes += length;
    this.decoder.feed(bytes, length);
    if (this.isWaiting) this.decoder.detach();
    else this.process();
  }

  /** Runs decoded commands until there are no more, one must be waited for, or the socket is full. */
  private process(): void {
    const { instance, decoder } = this;
    const writer = instance.openBatch(this);
    this.activeWriter = writer;
    this.repliesFrom = writer.length;
    for (const bytes of this.outbox) writer.raw(bytes);
    this.outbox.length = 0;
    while (this.isReady && this.runBatch(writer));
    this.keyspace.forgetKeys();
    decoder.letGo();
    this.handOver(writer);
    this.activeWriter = undefined;
    if (this.isClosing) this.end();
  }

  private get isReady(): boolean {
    return !this.isWaiting && !this.isClosing;
  }

  /** Runs the requests that can be read ahead; false when there is nothing more to run now. */
  private runBatch(writer: ReplyWriter): boolean {
    const { ahead, dispatcher } = this.instance;
    // What a stranger may send depends on whether the request before has let them in.
    ahead.fill(this.decoder, !this.isAuthenticated);
    ahead.prefetch(this.keyspace);
    for (let index = 0; index < ahead.count; index++) {
      if (!this.isReady) {
        this.decoder.rewind(ahead.frameStart(index));
        return false;
      }
      ahead.load(index, this.keyspace);
      dispatcher.run(this, ahead.request, ahead.command, writer);
      if (writer.length - this.repliesFrom >= FLUSH_BYTES) this.handOver(writer);
    }
    if (ahead.outcome === DecodeResult.protocolError && this.isReady) this.failProtocol(writer);
    return ahead.outcome === DecodeResult.request;
  }

  /** The replies gathered since the last time leave with the batch of this turn. */
  private handOver(writer: ReplyWriter): void {
    this.instance.replies.add(this, this.repliesFrom);
    this.repliesFrom = writer.length;
  }

  private failProtocol(writer: ReplyWriter): void {
    this.instance.statistics.protocolErrors++;
    this.isClosing = true;
    writer.error(`ERR ${this.decoder.error}`);
  }

  /** Writes replies; when the socket is full, reading stops until it has drained. */
  sendReplies(bytes: Buffer): boolean {
    if (this.socket.destroyed) return false;
    this.instance.statistics.outputBytes += bytes.length;
    this.socket.write(bytes);
    // Mostly the kernel has taken everything: the memory is the writer's again.
    if (this.socket.writableLength === 0) return false;
    if (this.socket.writableNeedDrain && !this.isWaiting) this.waitForDrain();
    return true;
  }

  private waitForDrain(): void {
    this.pause();
    this.socket.once('drain', () => {
      this.resume();
    });
  }

  private pause(): void {
    this.isWaiting = true;
    this.socket.pause();
  }

  private resume(): void {
    if (this.socket.destroyed) return;
    this.isWaiting = false;
    this.socket.resume();
    this.process();
  }

  defer<T>(work: Promise<T>, write: (value: T, reply: ReplyWriter) => void): void {
    this.pause();
    work.then(
      (value) => {
        this.answerLate((reply) => {
          write(value, reply);
        });
      },
      (error: unknown) => {
        this.answerLate((reply) => {
          reply.error(messageOf(error));
        });
      },
    );
  }

  private answerLate(write: (reply: ReplyWriter) => void): void {
    if (this.socket.destroyed) return;
    const writer = this.instance.openBatch(this);
    const start = writer.length;
    write(writer);
    this.instance.replies.add(this, start);
    this.resume();
  }

  push(bytes: Buffer): void {
    if (this.activeWriter !== undefined) {
      this.activeWriter.raw(bytes);
      return;
    }
    if (this.outbox.length === 0) this.instance.schedulePush(this);
    this.outbox.push(bytes);
  }

  /** Sends what was pushed since the last turn of the event loop. A subscriber that does not read is dropped. */
  flushPushes(): void {
    if (this.outbox.length === 0) return;
    const bytes = this.outbox.length === 1 ? this.outbox[0] : Buffer.concat(this.outbox);
    this.outbox.length = 0;
    if (this.socket.destroyed) return;
    this.instance.statistics.outputBytes += bytes.length;
    this.socket.write(bytes);
    if (this.socket.writableLength > this.instance.config.subscriberBufferBytes) {
      this.instance.statistics.slowSubscribersDropped++;
      this.instance.logger.warn({ client: this.id, bytes: this.socket.writableLength }, 'slow subscriber dropped');
      this.socket.destroy();
    }
  }

  closeAfterReplies(): void {
    this.isClosing = true;
  }

  /** Ends the connection once what was written has left. */
  end(): void {
    this.isClosing = true;
    this.instance.replies.flush();
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** The connection is gone. */
  dispose(): void {
    this.subscriptions.clear();
  }

  describe(): string {
    const now = this.instance.clock.now();
    const flags = this.subscriptions.count > 0 ? 'P' : 'N';
    const fields: Record<string, string | number> = {
      id: this.id,
      addr: this.address,
      laddr: this.localAddress,
      fd: 0,
      name: this.name,
      age: Math.floor((now - this.createdAtMs) / 1000),
      idle: Math.floor((now - this.lastActiveMs) / 1000),
      flags: this.readsFromReplica ? `r${flags === 'N' ? '' : flags}` : flags,
      db: 0,
      sub: this.subscriptions.countOf('channel'),
      psub: this.subscriptions.countOf('pattern'),
      multi: -1,
      qbuf: this.decoder.bufferedBytes,
      obl: 0,
      omem: this.socket.writableLength,
      'tot-mem': this.decoder.bufferedBytes + this.socket.writableLength,
      events: 'r',
      cmd: this.lastCommand === '' ? 'NULL' : this.lastCommand,
      user: this.principal?.isAdmin === true ? 'default' : (this.principal?.tenant.name ?? '(none)'),
      tenant: this.currentTenant,
      redir: -1,
      resp: this.version,
      'lib-name': this.libraryName,
      'lib-ver': this.libraryVersion,
    };
    return Object.entries(fields)
      .map(([field, value]) => `${field}=${value}`)
      .join(' ');
  }
}
