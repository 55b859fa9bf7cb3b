/** One node of a cluster as a child process: does what the launcher's messages say. */
import { Socket } from 'node:net';
import { defaultServerConfig } from '../config/server-config.js';
import { ExitCode, messageOf, RedNodeError, systemCodeOf } from '../errors.js';
import { parseToNode, type ToLauncher, type ToNode } from '../ipc/messages.js';
import type { Logger } from '../server/logger.js';
import { startServer, type RunningServer } from '../server/server.js';
import type { Topology } from '../topology/topology.js';
import { RemoteAuthority } from './remote-authority.js';
import { reportOf } from './report.js';

const HEARTBEAT_MS = 250;
/** A launcher that is gone leaves its nodes this long to finish; after it they end whatever they are at. */
const ORPHAN_TIMEOUT_MS = 1500;

type StartMessage = Extract<ToNode, { kind: 'start' }>;

export class Node {
  private readonly authority = new RemoteAuthority((message) => {
    this.send(message);
  });
  private server: RunningServer | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private name = '';
  /** Messages are worked off one after the other: a link that follows a topology finds the role changed. */
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly logger: Logger,
    private readonly exit: (code: number) => void,
  ) {}

  run(): void {
    process.on('message', (message, handle) => {
      this.receive(message, handle);
    });
    process.once('disconnect', () => {
      this.logger.error({}, 'the launcher is gone: shutting down');
      setTimeout(() => {
        this.exit(ExitCode.internal);
      }, ORPHAN_TIMEOUT_MS).unref();
      this.end();
    });
    this.send({ kind: 'ready' });
  }

  /** Drains, then ends the process. */
  end(): void {
    clearInterval(this.heartbeat);
    const stopped = this.server?.stop() ?? Promise.resolve();
    stopped.then(
      () => {
        this.exit(ExitCode.ok);
      },
      (error: unknown) => {
        this.logger.error({ err: error }, 'shutdown failed');
        this.exit(ExitCode.internal);
      },
    );
  }

  private send(message: ToLauncher): void {
    if (process.connected) process.send?.(message);
  }

  private receive(raw: unknown, handle: unknown): void {
    const message = parseToNode(raw);
    // Answers to what this node asked must not wait behind the message whose work waits for them.
    if (message.kind === 'tenant-changed') {
      this.authority.settle(message.id, message.error);
      return;
    }
    const socket = handle instanceof Socket ? handle : undefined;
    // The other end may begin to send, or vanish, before this message's turn comes.
    socket?.pause().on('error', (error) => {
      this.logger.debug({ err: error }, 'replication socket');
    });
    this.queue = this.queue.then(() => this.perform(message, socket));
  }

  private async perform(
    message: Exclude<ToNode, { kind: 'tenant-changed' }>,
    socket: Socket | undefined,
  ): Promise<void> {
    const { id } = message;
    try {
      await this.handle(message, socket);
      this.send({
        kind: 'done',
        id,
        ...(message.kind === 'report' ? { report: reportOf(this.running.instance) } : {}),
      });
      if (message.kind === 'shutdown') this.end();
    } catch (error) {
      const code = error instanceof RedNodeError ? error.code : (systemCodeOf(error) ?? 'NODE_FAILED');
      this.logger.error({ err: error }, `${message.kind} failed`);
      this.send({ kind: 'failed', id, code, message: messageOf(error) });
    }
  }

  private async handle(
    message: Exclude<ToNode, { kind: 'tenant-changed' }>,
    socket: Socket | undefined,
  ): Promise<void> {
    switch (message.kind) {
      case 'start':
        await this.start(message);
        return;
      case 'topology':
        await this.adopt(message.topology, message.masterOffset);
        return;
      case 'tenants':
        this.running.instance.applyTenants(message.tenants);
        return;
      case 'tenant-effect':
        this.running.instance.applyTenantEffect(message.effect);
        return;
      case 'link':
        this.link(message.side, message.peer, socket);
        return;
      case 'report':
      case 'shutdown':
        return;
    }
  }

  private get running(): RunningServer {
    if (this.server === undefined) throw new Error('the node has not been started');
    return this.server;
  }

  private async start(message: StartMessage): Promise<void> {
    this.name = message.name;
    const { tls } = message.options;
    this.server = await startServer({
      host: message.options.host,
      port: message.options.port,
      maxMemoryBytes: message.options.maxMemoryBytes,
      evictionPolicy: message.options.evictionPolicy ?? defaultServerConfig.evictionPolicy,
      logLevel: message.options.logLevel,
      adminPasswordHash: message.options.adminPasswordHash,
      tls: tls && { ...tls, isOnly: false },
      logger: this.logger,
      authority: this.authority,
      prepare: (instance) => {
        instance.applyTopology(message.topology, message.name);
        instance.applyTenants(message.tenants);
        if (instance.self?.role === 'replica') instance.replication.becomeReplica();
        instance.replication.onSync = (state) => {
          this.send({ kind: 'sync', state, report: reportOf(instance) });
        };
      },
      onShutdown: () => {
        this.send({ kind: 'leaving' });
        this.end();
      },
    });
    this.logger.info(
      { name: message.name, port: this.server.port, role: this.server.instance.replication.role },
      'listening',
    );
    this.heartbeat = setInterval(() => {
      this.beat();
    }, HEARTBEAT_MS);
  }

  private beat(): void {
    const { instance } = this.running;
    this.send({ kind: 'heartbeat', report: reportOf(instance) });
  }

  /** Becomes what the topology says it is. As a new master it takes the slots when it has all of its master's log, and not before. */
  private async adopt(topology: Topology, masterOffset: number | undefined): Promise<void> {
    const { instance } = this.running;
    const { replication } = instance;
    const role = topology.nodes.find((node) => node.name === this.name)?.role;
    if (role === 'master' && replication.role === 'replica') await replication.catchUp(masterOffset);
    instance.applyTopology(topology, this.name);
    if (role === replication.role) return;
    this.logger.info({ role }, 'role changes');
    if (role === 'master') replication.promote();
    else replication.becomeReplica();
  }

  private link(side: 'master' | 'replica', peer: string, socket: Socket | undefined): void {
    if (socket === undefined) throw new Error(`the ${side} end of a link with ${peer} came without its socket`);
    const { replication } = this.running.instance;
    socket.setNoDelay(true);
    if (side === 'master') replication.serve(peer, socket);
    else replication.follow(peer, socket);
    socket.resume();
  }
}
