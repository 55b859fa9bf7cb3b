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

/** Replies are handed to the socket when this much of them has gathered, even amid a batch. */
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
  receive(chunk: Buffer): void {
    this.instance.statistics.inputBytes += chunk.length;
    this.decoder.feed(chunk);
    if (this.isWaiting) this.decoder.detach();
    else this.process();
  }

  /** Runs decoded commands until there are no more, one must be waited for, or the socket is full. */
  private process(): void {
    const { instance, decoder } = this;
    const writer = instance.openBatch(this);
    this.activeWriter = writer;
    for (const bytes of this.outbox) writer.raw(bytes);
    this.outbox.length = 0;
    while (!this.isWaiting && !this.isClosing) {
      const outcome = decoder.next();
      if (outcome === DecodeResult.incomplete) break;
      if (outcome === DecodeResult.protocolError) {
        this.failProtocol(writer);
        break;
      }
      instance.dispatcher.run(this, decoder.request, writer);
      if (writer.length >= FLUSH_BYTES) this.flush(writer);
    }
    if (this.isWaiting) decoder.detach();
    this.flush(writer);
    this.activeWriter = undefined;
    if (this.isClosing) this.socket.end();
  }

  private failProtocol(writer: ReplyWriter): void {
    this.instance.statistics.protocolErrors++;
    this.isClosing = true;
    writer.error(`ERR ${this.decoder.error}`);
  }

  /** Hands the gathered replies to the socket; when it is full, reading stops until it has drained, and false is returned. */
  private flush(writer: ReplyWriter): boolean {
    if (writer.length === 0) return true;
    this.instance.statistics.outputBytes += writer.length;
    const hasRoom = this.socket.write(writer.view());
    // The kernel took everything: the buffer is ours again. Otherwise the socket still reads from it.
    if (this.socket.writableLength === 0) writer.reset();
    else writer.abandon();
    if (!hasRoom && !this.isWaiting) this.waitForDrain();
    return hasRoom;
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
    write(writer);
    this.isWaiting = false;
    if (this.flush(writer)) this.resume();
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
