/** One client connection: its state, and the bytes in and out. Commands are run by the dispatcher. */
import type { Socket } from 'node:net';
import type { ClientType, SessionPort } from '../command-table/context.js';
import { messageOf } from '../errors.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { DecodeResult, RequestDecoder } from '../resp/request-decoder.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Principal, Tenant } from '../tenancy/registry.js';
import type { Blocked } from './acknowledgements.js';
import { clientLine } from './client-line.js';
import { Mode } from './modes.js';
import type { CommandTally } from './command-tally.js';
import { OutputGuard } from './output-limit.js';
import { Subscriptions } from './pubsub.js';
import type { Instance } from './instance.js';
import { Transaction } from './transaction.js';
import type { TenantThrottle } from './tenant-throttle.js';
import type { TenantUsage } from './tenant-usage.js';

/** Replies leave when this much of them has gathered, even amid a batch. */
const FLUSH_BYTES = 256 * 1024;
/** What a connection costs with nothing in its buffers: about. */
const SESSION_BYTES = 2048;
/** What is taken from a connection that waits for an answer; the rest stays with the system. */
const READ_AHEAD_BYTES = 64 * 1024;
const WRONG_PASSWORD = 'WRONGPASS';
const NO_PERMISSION_FOR_TENANT = "NOPERM this user has no permissions to enter tenant '";

export class Session implements SessionPort {
  readonly decoder: RequestDecoder;
  readonly subscriptions: Subscriptions;
  readonly createdAtMs: number;
  readonly address: string;
  readonly localAddress: string;
  /** Of the peer, without its port. */
  readonly sourceAddress: string;
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
  /** Whether it may be closed when all clients hold too much memory (CLIENT NO-EVICT). */
  isEvictable = true;
  /** Bits of `Mode`; with any of them commands take the long way. */
  modes = 0;
  /** What is written now will not be sent. */
  isMuted = false;
  /** Set while it waits for replicas (WAIT). */
  blocked: Blocked | undefined;
  /** End of the replication log after its last write. */
  writeOffset = 0;
  /** Since when it has not been authenticated; means nothing while it is. */
  unauthenticatedSinceMs: number;
  /** Made when it is first needed: by MULTI or WATCH. */
  openedTransaction: Transaction | undefined;
  private version: 2 | 3 = 2;
  private currentTenant: Tenant;
  /** The counters and limits of who it is: the default tenant's for the admin, and for strangers. */
  private usage: TenantUsage;
  /** Commands of the node that were counted for a tenant before it ran its own. */
  private countedCommands = 0;
  /** Where the times of its tenant's commands are counted, besides the node's. */
  private tally: CommandTally | undefined;
  private isClosing = false;
  /** A reply is being waited for (`defer`), or the socket is full: nothing more is decoded until that is over. */
  private isWaiting = false;
  /** While commands run, what is pushed joins the replies in order. */
  private activeWriter: ReplyWriter | undefined;
  private readonly outbox: Buffer[] = [];
  private readonly output = new OutputGuard();
  /** While it runs, replies are kept back, and nothing is read. */
  private holdTimer: NodeJS.Timeout | undefined;
  /** When the last byte for it had left. */
  private endedAtMs = Infinity;
  /** What the system had yet to send when it was last looked at. */
  private queuedBytes = 0;
  /** Where its replies begin in the batch, while commands run. */
  private repliesFrom = 0;

  constructor(
    readonly id: number,
    private readonly socket: Socket,
    private readonly instance: Instance,
    /** Whether it came in by TLS. */
    readonly isSecure = false,
  ) {
    this.decoder = new RequestDecoder(instance.decoderLimits);
    this.sourceAddress = socket.remoteAddress ?? '';
    this.address = `${this.sourceAddress}:${socket.remotePort ?? 0}`;
    this.localAddress = `${socket.localAddress ?? ''}:${socket.localPort ?? 0}`;
    this.createdAtMs = this.lastActiveMs = this.unauthenticatedSinceMs = instance.clock.now();
    this.principal = instance.registry.initialPrincipal;
    this.decoder.authenticated = this.isAuthenticated;
    this.currentTenant = instance.registry.defaultTenant;
    this.usage = instance.activity.usageOf(this.currentTenant);
    this.usage.connections++;
    this.keyspace = instance.store.keyspace(instance.registry.defaultTenant.database);
    this.subscriptions = new Subscriptions(instance.pubsub, this, () => this.keyspace.database);
  }

  get protocol(): 2 | 3 {
    return this.version;
  }

  get tenant(): string {
    return this.currentTenant.name;
  }

  get isAuthenticated(): boolean {
    return this.principal !== undefined;
  }

  get isAdmin(): boolean {
    return this.principal?.isAdmin === true;
  }

  get user(): string {
    if (this.principal === undefined) return '';
    return this.isAdmin ? this.instance.registry.defaultTenant.name : this.principal.tenant.name;
  }

  get type(): ClientType {
    return this.subscriptions.count > 0 ? 'pubsub' : 'normal';
  }

  /** Whether EXEC would write. */
  get queuesWrite(): boolean {
    return this.openedTransaction?.isWrite === true;
  }

  get mayWait(): boolean {
    return this.openedTransaction?.isRunning !== true;
  }

  setReplies(replies: 'on' | 'off' | 'skip'): void {
    if (replies === 'on') this.modes &= ~(Mode.silent | Mode.skipsReply);
    else if (replies === 'off') this.modes |= Mode.silent;
    else if ((this.modes & Mode.silent) === 0) this.modes |= Mode.skipsReply;
  }

  get leavesNoTrace(): boolean {
    return (this.modes & Mode.leavesNoTrace) !== 0;
  }

  set leavesNoTrace(leavesNone: boolean) {
    if (leavesNone) this.modes |= Mode.leavesNoTrace;
    else this.modes &= ~Mode.leavesNoTrace;
  }

  get isMonitor(): boolean {
    return (this.modes & Mode.monitors) !== 0;
  }

  monitor(): boolean {
    if (this.isMonitor) return false;
    this.instance.monitors.add(this);
    return true;
  }

  setProtocol(version: 2 | 3): void {
    this.version = version;
    if (this.activeWriter !== undefined) this.activeWriter.protocol = version;
  }

  authenticate(username: string | undefined, password: Uint8Array): string | undefined {
    const { registry, authThrottle, statistics, activity, nowMs } = this.instance;
    const outcome = registry.authenticate(username, password, nowMs);
    const refusal = 'refusal' in outcome ? outcome.refusal : undefined;
    if (refusal === undefined || refusal.startsWith(WRONG_PASSWORD)) {
      if (refusal !== undefined) statistics.authenticationFailures++;
      const tenant = username ?? registry.defaultTenant.name;
      this.hold(authThrottle.attempt(this.sourceAddress, tenant, refusal === undefined));
    }
    if ('refusal' in outcome) return outcome.refusal;
    const { principal } = outcome;
    const surplus = activity.connectionRefusal(principal, this.usage);
    if (surplus !== undefined) return surplus;
    activity.entered(principal);
    this.become(principal);
    return undefined;
  }

  private become(principal: Principal | undefined): void {
    this.principal = principal;
    if (principal === undefined) this.unauthenticatedSinceMs = this.instance.nowMs;
    this.decoder.authenticated = principal !== undefined;
    const { registry, activity, dispatcher } = this.instance;
    const tenant = principal?.tenant ?? registry.defaultTenant;
    this.countCommands();
    this.usage.connections--;
    this.usage = activity.usageOf(tenant);
    this.usage.connections++;
    this.tally = principal?.isAdmin === false ? (this.usage.tally ??= dispatcher.clock.newTally()) : undefined;
    this.enter(tenant);
  }

  private enter(tenant: Tenant): void {
    const { store, activity } = this.instance;
    const { database } = tenant;
    if (database !== this.keyspace.database) this.subscriptions.clear();
    this.currentTenant = tenant;
    this.keyspace = store.keyspace(database);
    this.keyspace.quota = activity.usageOf(tenant).quota;
  }

  /** Those that have run since the last time were its own. */
  private countCommands(): void {
    const { commandsProcessed } = this.instance.statistics;
    this.usage.commands += commandsProcessed - this.countedCommands;
    this.countedCommands = commandsProcessed;
  }

  useTenant(name: string): string | undefined {
    const tenant = this.instance.registry.find(name);
    const isOwn = this.principal?.tenant.name === name;
    if (!this.isAdmin && !isOwn) return `${NO_PERMISSION_FOR_TENANT}${name}'`;
    if (tenant === undefined) return `ERR no such tenant '${name}'`;
    this.enter(tenant);
    return undefined;
  }

  get transaction(): Transaction {
    return (this.openedTransaction ??= new Transaction(this, this.instance));
  }

  reset(): void {
    this.openedTransaction?.discard();
    this.subscriptions.clear();
    this.setProtocol(2);
    this.name = '';
    this.readsFromReplica = false;
    this.instance.monitors.remove(this);
    this.modes = 0;
    this.isEvictable = true;
    this.become(this.instance.registry.initialPrincipal);
  }

  /** Takes a chunk from the socket and runs what is complete. */
  receive(bytes: Buffer, length: number): void {
    this.instance.statistics.inputBytes += length;
    if (this.isClosing) return;
    this.usage.inputBytes += length;
    this.decoder.feed(bytes, length);
    if (this.isWaiting) this.receiveAhead();
    else this.process();
    this.instance.replies.countInput(length);
  }

  private receiveAhead(): void {
    this.decoder.detach();
    if (this.decoder.bufferedBytes > READ_AHEAD_BYTES) this.socket.pause();
  }

  /** Runs decoded commands until there are no more, one must be waited for, or the socket is full. */
  private process(): void {
    const { instance, decoder } = this;
    const writer = instance.openBatch(this);
    this.lastActiveMs = instance.nowMs;
    this.activeWriter = writer;
    this.repliesFrom = writer.length;
    for (const bytes of this.outbox) writer.raw(bytes);
    this.outbox.length = 0;
    this.countedCommands = instance.statistics.commandsProcessed;
    while (this.isReady && this.runBatch(writer));
    instance.dispatcher.clock.settle();
    this.countCommands();
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
    const { throttle } = this.usage;
    // What a stranger may send depends on whether the request before has let them in.
    ahead.fill(this.decoder, !this.isAuthenticated);
    const count = throttle === undefined ? ahead.count : throttle.take(ahead.count);
    if (count > 0) ahead.prefetch(this.keyspace);
    dispatcher.clock.start(this.tally);
    for (let index = 0; index < count; index++) {
      if (!this.isReady) {
        throttle?.giveBack(count - index);
        this.decoder.rewind(ahead.frameStart(index));
        return false;
      }
      ahead.load(index, this.keyspace);
      if (!dispatcher.run(this, ahead.request, ahead.command, writer)) {
        throttle?.giveBack(count - index);
        this.decoder.rewind(ahead.frameStart(index));
        return false;
      }
      if (writer.length - this.repliesFrom >= FLUSH_BYTES) this.handOver(writer);
    }
    if (throttle !== undefined && count < ahead.count) return this.waitForTokens(throttle, ahead.frameStart(count));
    if (ahead.outcome === DecodeResult.protocolError && this.isReady) this.failProtocol(writer);
    return ahead.outcome === DecodeResult.request;
  }

  /** The replies gathered since the last time leave with the batch of this turn. */
  private handOver(writer: ReplyWriter): void {
    if (this.holdTimer !== undefined) {
      this.keepBack(writer);
      return;
    }
    this.instance.replies.add(this, this.repliesFrom);
    this.repliesFrom = writer.length;
  }

  private keepBack(writer: ReplyWriter): void {
    this.outbox.push(Buffer.from(writer.buffer.subarray(this.repliesFrom, writer.length)));
    writer.length = this.repliesFrom;
  }

  /** Keeps back the reply to the command that runs, and reads nothing more, until `delayMs` have passed. */
  private hold(delayMs: number): void {
    if (delayMs <= 0) return;
    clearTimeout(this.holdTimer);
    this.pause();
    this.holdTimer = setTimeout(() => {
      this.holdTimer = undefined;
      this.resume();
    }, delayMs);
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
    this.usage.outputBytes += bytes.length;
    this.socket.write(bytes);
    // Mostly the kernel has taken everything: the memory is the writer's again.
    if (this.socket.writableLength === 0) return false;
    if (this.isOutputExceeded(this.instance.nowMs)) {
      this.dropSlowReader();
      return true;
    }
    if (this.socket.writableNeedDrain && !this.isWaiting) this.waitForDrain();
    return true;
  }

  private waitForDrain(): void {
    this.pause();
    this.socket.once('drain', () => {
      this.resume();
    });
  }

  /** What has arrived stays undecoded from `frameStart` on, and nothing more is read, until its tenant may go on. */
  private waitForTokens(throttle: TenantThrottle, frameStart: number): false {
    this.decoder.rewind(frameStart);
    if (!this.isReady) return false;
    this.pause();
    throttle.wait(this);
    return false;
  }

  /** Nothing more is decoded until `resume`, which may be long. It is still read from: only so its end is noticed. */
  standStill(): void {
    this.isWaiting = true;
  }

  private pause(): void {
    this.isWaiting = true;
    this.socket.pause();
  }

  resume(): void {
    if (this.socket.destroyed || this.holdTimer !== undefined) return;
    this.isWaiting = false;
    this.socket.resume();
    this.process();
  }

  defer<T>(work: Promise<T>, write: (value: T, reply: ReplyWriter) => void): void {
    this.standStill();
    const isMuted = this.isMuted;
    work.then(
      (value) => {
        this.answerLate(isMuted, (reply) => {
          write(value, reply);
        });
      },
      (error: unknown) => {
        this.answerLate(isMuted, (reply) => {
          reply.error(messageOf(error));
        });
      },
    );
  }

  private answerLate(isMuted: boolean, write: (reply: ReplyWriter) => void): void {
    if (this.socket.destroyed) return;
    const writer = this.instance.openBatch(this);
    const start = writer.length;
    write(writer);
    if (isMuted) writer.length = start;
    this.instance.replies.add(this, start);
    this.resume();
  }

  push(bytes: Buffer): void {
    if (this.activeWriter !== undefined && !this.isMuted) {
      this.activeWriter.raw(bytes);
      return;
    }
    if (this.outbox.length === 0) this.instance.schedulePush(this);
    this.outbox.push(bytes);
  }

  /** Sends what was pushed since the last turn of the event loop. A subscriber that does not read is dropped. */
  flushPushes(): void {
    if (this.outbox.length === 0 || this.holdTimer !== undefined) return;
    const bytes = this.outbox.length === 1 ? this.outbox[0] : Buffer.concat(this.outbox);
    this.outbox.length = 0;
    if (this.socket.destroyed) return;
    this.instance.statistics.outputBytes += bytes.length;
    this.socket.write(bytes);
    if (this.isOutputExceeded(this.instance.nowMs)) this.dropSlowReader();
  }

  /** Whether more waits for it than its class of client-output-buffer-limit allows. */
  isOutputExceeded(nowMs: number): boolean {
    const { normal, pubsub } = this.instance.config.outputLimits;
    const limit = this.subscriptions.count > 0 || this.isMonitor ? pubsub : normal;
    return this.output.isExceeded(limit, this.socket.writableLength, nowMs);
  }

  private dropSlowReader(): void {
    const { statistics, logger } = this.instance;
    if (this.subscriptions.count > 0) statistics.slowSubscribersDropped++;
    statistics.outputLimitDisconnections++;
    const bytes = this.socket.writableLength;
    logger.warn({ client: this.id, address: this.address, bytes }, 'closed: it does not read what it is sent');
    this.socket.destroy();
  }

  /** Bytes that wait to be sent. */
  get outputBytes(): number {
    let bytes = this.socket.writableLength;
    for (const { length } of this.outbox) bytes += length;
    return bytes;
  }

  /** Bytes that it holds in buffers, and about what it costs itself. */
  get memoryBytes(): number {
    return SESSION_BYTES + this.decoder.heldBytes + this.outputBytes;
  }

  /** Whether silence may end it: not while it listens to channels, or waits for an answer. */
  get mayTimeOut(): boolean {
    return this.subscriptions.count === 0 && !this.isMonitor && (!this.isWaiting || this.socket.writableLength > 0);
  }

  /** Whether it has been ended for so long without the client ending it too. */
  isLingering(nowMs: number, limitMs: number): boolean {
    return nowMs - this.endedAtMs > limitMs;
  }

  get isGone(): boolean {
    return this.socket.destroyed;
  }

  /** When it last sent something, or took some of what it is sent. */
  activeMs(nowMs: number): number {
    const queuedBytes = this.socket.writableLength === 0 ? 0 : unsentBytes(this.socket);
    if (queuedBytes !== this.queuedBytes) this.lastActiveMs = nowMs;
    this.queuedBytes = queuedBytes;
    return this.lastActiveMs;
  }

  closeAfterReplies(): void {
    this.isClosing = true;
  }

  /** Ends the connection once what was written has left. */
  end(): void {
    this.isClosing = true;
    this.instance.replies.flush();
    this.socket.end(() => {
      this.endedAtMs = this.instance.clock.now();
    });
    // Else the end of what the client sends would not be seen.
    this.socket.resume();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** The connection is gone. */
  dispose(): void {
    clearTimeout(this.holdTimer);
    this.usage.connections--;
    this.openedTransaction?.discard();
    this.subscriptions.clear();
    this.blocked?.forget();
    this.instance.pause.forget(this);
    this.instance.monitors.remove(this);
  }

  describe(): string {
    const now = this.instance.clock.now();
    const { openedTransaction: transaction, subscriptions } = this;
    return clientLine({
      id: this.id,
      address: this.address,
      localAddress: this.localAddress,
      name: this.name,
      ageMs: now - this.createdAtMs,
      idleMs: now - this.lastActiveMs,
      channels: subscriptions.countOf('channel'),
      patterns: subscriptions.countOf('pattern'),
      queuedCommands: transaction?.length ?? -1,
      queuedBytes: transaction?.queuedBytes ?? 0,
      inputBytes: this.decoder.bufferedBytes,
      outputBytes: this.socket.writableLength,
      totalBytes: this.memoryBytes,
      lastCommand: this.lastCommand,
      user: this.user,
      tenant: this.tenant,
      protocol: this.version,
      libraryName: this.libraryName,
      libraryVersion: this.libraryVersion,
      monitors: this.isMonitor,
      isBlocked: this.blocked !== undefined || this.instance.pause.isHeld(this),
      isTouched: transaction?.isTouched === true,
      isClosing: this.isClosing,
      readsFromReplica: this.readsFromReplica,
      isEvictable: this.isEvictable,
      leavesNoTrace: this.leavesNoTrace,
    });
  }
}

/** What the system has not sent yet: shrinks while a large reply is being read, where `writableLength` stands still until it is gone. */
function unsentBytes(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle');
  const queued: unknown =
    typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'writeQueueSize') : undefined;
  return typeof queued === 'number' ? queued : socket.writableLength;
}
