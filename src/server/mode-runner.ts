/**
 * Runs commands where the connection or the node is in a special mode: replies are off, somebody monitors, clients are
 * paused, accesses leave no trace. All other commands never come here.
 */
import type { Command } from '../command-table/command.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import type { Dispatcher } from './dispatch.js';
import type { Instance } from './instance.js';
import { Mode } from './modes.js';
import type { Session } from './session.js';

/** Not writes, and yet they reach the replicas or other clients: held back while writes are paused, as in Redis. */
const REPLICATED: ReadonlySet<string> = new Set(['PUBLISH', 'SPUBLISH']);

export class ModeRunner {
  constructor(
    private readonly instance: Instance,
    private readonly dispatcher: Dispatcher,
  ) {}

  /** As `Dispatcher.run`. */
  run(session: Session, request: Request, found: Command | undefined, reply: ReplyWriter): boolean {
    const start = reply.length;
    const isSkipped = (session.modes & Mode.skipsReply) !== 0;
    session.modes &= ~Mode.skipsReply;
    session.isMuted = isSkipped || (session.modes & Mode.silent) !== 0;
    const isDone = this.runTraceless(session, request, found, reply);
    if (!isDone && isSkipped) session.modes |= Mode.skipsReply;
    if (isSkipped || (session.modes & Mode.silent) !== 0) reply.length = start;
    session.isMuted = false;
    return isDone;
  }

  private runTraceless(session: Session, request: Request, found: Command | undefined, reply: ReplyWriter): boolean {
    // TOUCH is asked to leave a trace.
    if ((session.modes & Mode.leavesNoTrace) === 0 || found?.name === 'TOUCH') {
      return this.runAdmitted(session, request, found, reply);
    }
    const { keyspace } = session;
    keyspace.marksAccess = false;
    try {
      return this.runAdmitted(session, request, found, reply);
    } finally {
      keyspace.marksAccess = true;
    }
  }

  private runAdmitted(session: Session, request: Request, found: Command | undefined, reply: ReplyWriter): boolean {
    const { dispatcher, instance } = this;
    const command = dispatcher.admit(session, request, found, reply);
    if (command === undefined) return true;
    if ((session.modes & Mode.monitors) !== 0 && touchesKeys(command)) {
      session.openedTransaction?.refuse();
      reply.error("ERR Replica can't interact with the keyspace");
      return true;
    }
    const isWrite = REPLICATED.has(command.name) || (command.name === 'EXEC' ? session.queuesWrite : command.isWrite);
    if (instance.pause.holdsBack(isWrite)) {
      instance.pause.hold(session);
      return false;
    }
    if (dispatcher.carryOut(command, session, request, reply)) instance.monitors.show(session, command, request);
    return true;
  }
}

/** Redis takes a monitoring connection for one of a replica. */
function touchesKeys({ flags, name }: Command): boolean {
  return flags.includes('write') || flags.includes('readonly') || REPLICATED.has(name);
}
