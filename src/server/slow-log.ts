/** SLOWLOG: the latest commands that took longer than `slowlog-log-slower-than`. Secrets are not among what it keeps. */
import type { Command } from '../command-table/command.js';
import type { SessionPort } from '../command-table/context.js';
import type { SlowLogEntry, SlowLogPort } from '../command-table/observation.js';
import { isSecretArgument } from '../command-table/secrets.js';
import type { Request } from '../resp/request.js';
import type { Instance } from './instance.js';
import type { Session } from './session.js';

/** Redis keeps this much of a command. */
const MAX_ARGUMENTS = 32;
const MAX_ARGUMENT_BYTES = 128;
const REDACTED = Buffer.from('(redacted)');

interface KeptEntry extends SlowLogEntry {
  readonly tenant: string;
}

function argumentBytes(command: Command, request: Request, index: number): Buffer {
  if (isSecretArgument(command, request, index)) return REDACTED;
  const bytes = request.bytes(index);
  if (bytes.length <= MAX_ARGUMENT_BYTES) return bytes;
  const rest = bytes.length - MAX_ARGUMENT_BYTES;
  return Buffer.concat([bytes.subarray(0, MAX_ARGUMENT_BYTES), Buffer.from(`... (${rest} more bytes)`)]);
}

function keptArguments(command: Command, request: Request): Buffer[] {
  const { argc } = request;
  const shown = argc > MAX_ARGUMENTS ? MAX_ARGUMENTS - 1 : argc;
  const kept = Array.from({ length: shown }, (_, index) => argumentBytes(command, request, index));
  if (argc > shown) kept.push(Buffer.from(`... (${argc - shown} more arguments)`));
  return kept;
}

export class SlowLog implements SlowLogPort {
  /** The newest first. */
  private entries: KeptEntry[] = [];
  private nextId = 0;

  constructor(private readonly instance: Instance) {}

  note(session: Session, command: Command, request: Request, micros: number): void {
    if (command.flags.includes('skip_slowlog')) return;
    this.entries.unshift({
      id: this.nextId++,
      unixSeconds: Math.floor(this.instance.nowMs / 1000),
      micros,
      words: keptArguments(command, request),
      address: session.address,
      name: session.name,
      tenant: session.tenant,
    });
    this.trim();
  }

  /** To be called when the length has changed. */
  trim(): void {
    const { slowlogLengthMax } = this.instance.config;
    if (this.entries.length > slowlogLengthMax) this.entries.length = slowlogLengthMax;
  }

  visibleTo(session: SessionPort): readonly SlowLogEntry[] {
    return session.isAdmin ? this.entries : this.entries.filter(({ tenant }) => tenant === session.tenant);
  }

  clear(session: SessionPort): void {
    this.entries = session.isAdmin ? [] : this.entries.filter(({ tenant }) => tenant !== session.tenant);
  }
}
