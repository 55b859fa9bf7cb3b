/** Starts, watches, restarts and stops the nodes of one cluster. */
import { RedNodeError } from '../errors.js';
import type { NodeReport, ToLauncher } from '../ipc/messages.js';
import { Failover } from './failover.js';
import { HealthMonitor } from './health.js';
import type { LauncherTimings } from './limits.js';
import type { Member } from './member.js';
import type { Membership } from './membership.js';
import type { NodeExit, NodeNotice, NodeProcess } from './node-process.js';
import { ReplicationLinks } from './replication-links.js';
import { isStopSignal } from './stop-signals.js';
import type { StopSignal } from './stop-signals.js';
import type { TenantChanges } from './tenant-changes.js';
import { withHealth } from './topology-changes.js';

type Phase = 'starting' | 'running' | 'stopping';

export class Supervisor {
  readonly failover: Failover;
  readonly #links: ReplicationLinks;
  readonly #health: HealthMonitor;
  readonly #restartTimers = new Map<string, NodeJS.Timeout>();
  #phase: Phase = 'starting';
  /** Why the start cannot succeed any more: set by the first process that fails during it. */
  #startFailure: { readonly member: Member; readonly error: unknown } | undefined;
  #startEndedBy: StopSignal | undefined;

  constructor(
    private readonly membership: Membership,
    private readonly tenants: TenantChanges,
    timings: LauncherTimings,
    /** Told of errors in work that nobody waits for. */
    private readonly onDefect: (error: unknown) => void,
  ) {
    this.#links = new ReplicationLinks(membership, timings, onDefect);
    this.failover = new Failover(membership, this.#links);
    this.#health = new HealthMonitor({
      nodeTimeoutMs: timings.nodeTimeoutMs,
      members: membership.members,
      onSilent: (member) => {
        this.#killSilent(member);
      },
    });
  }

  get phase(): Phase {
    return this.#phase;
  }

  get startFailure(): { readonly member: Member; readonly error: unknown } | undefined {
    return this.#startFailure;
  }

  /**
   * The signal that a process died of during the start. Ctrl-C in the terminal reaches every process of the cluster, and
   * ends those that have not come so far as to ignore it.
   */
  get startEndedBy(): StopSignal | undefined {
    return this.#startEndedBy;
  }

  /** Starts all processes at once; each is told to serve, and linked, as soon as it is there. Watch `membership.changes`. */
  startAll(): void {
    for (const member of this.membership.members) this.bringUp(member).catch(this.onDefect);
    this.#health.start();
  }

  /** Ends the starting phase: from now on a node that dies is replaced or restarted, and changes are told at once. */
  async becomeReady(): Promise<void> {
    this.#phase = 'running';
    await this.membership.broadcast();
  }

  /** Stops every process; resolves when none is left. */
  async stopAll(): Promise<void> {
    this.#phase = 'stopping';
    this.#health.stop();
    this.#links.stop();
    for (const timer of this.#restartTimers.values()) clearTimeout(timer);
    this.membership.changes.announce();
    await Promise.all(this.membership.members.map((member) => member.stop()));
  }

  /** Starts a process for the member and has it serve; a failure leads to its exit, and that to the next attempt. */
  async bringUp(member: Member): Promise<void> {
    try {
      const process = await member.spawn();
      // A master that is replaced meanwhile must not come back as one.
      await this.failover.decided(member.name);
      if (this.#phase === 'stopping') return;
      const { topology } = this.membership;
      const { name, options } = member;
      const tenants = this.tenants.state.records;
      const tenantsVersion = this.tenants.version;
      await process.request(
        { kind: 'start', name, options: options.node, topology, tenants },
        options.timings.spawnTimeoutMs,
      );
      member.markServing(topology);
      await this.#joined(member, process, tenantsVersion);
    } catch (error) {
      this.#bringUpFailed(member, error);
    }
  }

  /** Starts a member whose process has ended for good, at once. */
  startAgain(member: Member): void {
    member.isRestarting = true;
    this.#scheduleRestart(member, 0);
  }

  /** What was decided while the process was starting reaches it here, before anything is built on it. */
  async #joined(member: Member, process: NodeProcess, tenantsVersion: number): Promise<void> {
    if (this.membership.node(member.name).role === 'master') this.#setHealth(member.name, 'online');
    else this.#setHealth(member.name, 'syncing');
    if (tenantsVersion !== this.tenants.version) await this.#tellAllTenants(member, process);
    if (this.#phase === 'running') {
      this.membership.events.add('node-started', member.name, `${member.name} started (pid ${process.pid ?? 0})`);
      await this.membership.broadcast();
    }
    this.membership.changes.announce();
    this.#links.ensure(member.name);
    this.#links.ensureAllOf(member.name);
  }

  /** Changes of the registry go to serving nodes, so one that was starting meanwhile has missed some. */
  async #tellAllTenants(member: Member, process: NodeProcess): Promise<void> {
    const tenants = this.tenants.state.records;
    await process.request({ kind: 'tenants', tenants }, member.options.timings.requestTimeoutMs);
  }

  #bringUpFailed(member: Member, error: unknown): void {
    if (!(error instanceof RedNodeError)) throw error;
    if (this.#phase === 'starting') this.#startFailure ??= { member, error };
    // The exit of a process that died by itself is reported, and followed by a restart, where it is noticed.
    const neverStarted = error.code === 'FILE_ERROR';
    if (this.#phase === 'running' && (neverStarted || member.process?.isAlive === true)) {
      this.membership.events.add('node-died', member.name, error.message);
      if (neverStarted) this.#scheduleRestart(member, 0);
      else member.process?.kill('SIGKILL');
    }
    this.membership.changes.announce();
  }

  /** A process is gone. Roles first, so that the slots are served again; the process after that. */
  async exited(member: Member, process: NodeProcess, exit: NodeExit, uptimeMs: number): Promise<void> {
    if (this.#phase === 'stopping' || member.process !== process) return;
    if (this.#phase === 'starting') {
      if (isStopSignal(exit.signal)) this.#startEndedBy ??= exit.signal;
      this.#startFailure ??= { member, error: undefined };
      this.membership.changes.announce();
      return;
    }
    if (!member.isRestarting) this.membership.events.add('node-died', member.name, deathText(member, process, exit));
    if (member.isLeaving) this.#leftForGood(member);
    else this.#scheduleRestart(member, uptimeMs);
    if (this.membership.node(member.name).role === 'master') {
      await this.failover.masterDied(member);
      return;
    }
    this.#setHealth(member.name, 'down');
    await this.membership.broadcast();
  }

  /** A message that a node sent of its own accord. */
  async notice(member: Member, process: NodeProcess, notice: NodeNotice): Promise<void> {
    if (member.process !== process) return;
    switch (notice.kind) {
      case 'heartbeat':
      case 'sync':
        member.report = notice.report;
        return this.#observe(member, notice.report);
      case 'leaving':
        member.isLeaving = true;
        return;
      case 'tenant-change':
        return this.#changeTenants(process, notice);
    }
  }

  /** Compares what a replica reports with what is believed of it. */
  async #observe(member: Member, report: NodeReport): Promise<void> {
    const node = this.membership.node(member.name);
    const isReplica = node.role === 'replica' && report.role === 'replica';
    if (!isReplica || !member.isServing || this.#phase === 'stopping') return;
    if (!this.#links.isAttached(member.name)) this.#links.ensure(member.name);
    else if (!report.linkUp || (node.health === 'online' && !report.inSync)) await this.#links.lost(member.name);
    else if (report.inSync && node.health !== 'online') await this.#becameInSync(member);
  }

  async #becameInSync(member: Member): Promise<void> {
    this.#setHealth(member.name, 'online');
    const sync = member.report?.lastSync;
    const how = sync === undefined ? '' : ` (${sync.kind} sync, ${sync.bytes} bytes, ${Math.round(sync.ms)} ms)`;
    const kind = sync?.kind === 'full' ? 'full-sync' : 'in-sync';
    const { masterName = 'its master' } = this.membership.node(member.name);
    this.membership.events.add(kind, member.name, `${member.name} is in sync with ${masterName}${how}`);
    // During a start the nodes are told once, at the end.
    if (this.#phase === 'running') await this.membership.broadcast();
  }

  async #changeTenants(process: NodeProcess, notice: Extract<ToLauncher, { kind: 'tenant-change' }>): Promise<void> {
    const error = await this.tenants.apply(notice.change);
    process.answerTenantChange(notice.id, error);
  }

  #killSilent(member: Member): void {
    const seconds = (member.silentMs / 1000).toFixed(1);
    this.membership.events.add(
      'node-died',
      member.name,
      `${member.name} has said nothing for ${seconds} s: it is killed`,
    );
    member.forgiveSilence();
    member.process?.kill('SIGKILL');
  }

  #leftForGood(member: Member): void {
    const message = `${member.name} was shut down by a client; rednode cluster restart ${member.name} brings it back`;
    this.membership.events.add('gave-up', member.name, message);
  }

  #scheduleRestart(member: Member, uptimeMs: number): void {
    const delayMs = member.isRestarting ? 0 : member.restartBackoff.nextDelayMs(uptimeMs);
    clearTimeout(this.#restartTimers.get(member.name));
    const timer = setTimeout(() => {
      this.#restartTimers.delete(member.name);
      member.restarts++;
      this.bringUp(member).catch(this.onDefect);
    }, delayMs);
    this.#restartTimers.set(member.name, timer);
  }

  #setHealth(name: string, health: 'online' | 'syncing' | 'down'): void {
    this.membership.change(withHealth(this.membership.topology, name, health));
  }
}

function deathText(member: Member, process: NodeProcess, { code, signal }: NodeExit): string {
  const reason = signal ?? `exit code ${code ?? 'unknown'}`;
  return `${member.name} died (pid ${process.pid ?? 0}, ${reason})`;
}
