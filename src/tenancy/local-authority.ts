/** The tenant registry of a node that stands alone: kept in its folder when it has one, in memory otherwise. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { writeFileAtomically } from '../config/atomic-file.js';
import { ExitCode, messageOf, RedNodeError, systemCodeOf } from '../errors.js';
import { tenantRecordSchema, type TenantChange, type TenantEffect } from '../ipc/messages.js';
import type { Clock } from '../clock.js';
import { decide, type TenantAuthority } from './authority.js';
import { readTenantJournal, TenantJournal } from './journal.js';
import { TenantRecords, type TenantsState } from './records.js';

const FILE_NAME = 'tenants.json';
const JOURNAL_NAME = 'tenants.journal';

const fileSchema = z.object({ nextDatabase: z.int(), tenants: z.array(tenantRecordSchema) });

/** Told of the tenants that there are at the start, and of every change after that. */
export interface TenantListener {
  onAll(state: TenantsState): void;
  onEffect(effect: TenantEffect): void;
}

export class LocalAuthority implements TenantAuthority {
  private queue: Promise<void> = Promise.resolve();

  private constructor(
    private readonly journal: TenantJournal | undefined,
    private readonly records: TenantRecords,
    private readonly clock: Clock,
    private readonly listener: TenantListener,
  ) {}

  /** Reads what the folder holds; the listener hears of it before this resolves. */
  static async open(directory: string | undefined, clock: Clock, listener: TenantListener): Promise<LocalAuthority> {
    const { records, journal } = directory === undefined ? inMemory() : await openFolder(directory);
    listener.onAll(records.state);
    return new LocalAuthority(journal, records, clock, listener);
  }

  /** Changes go one after the other, so that each is checked against the outcome of the one before. */
  apply(change: TenantChange): Promise<void> {
    const run = this.queue.then(() => this.applyNow(change));
    this.queue = run.catch(() => undefined);
    return run;
  }

  private async applyNow(change: TenantChange): Promise<void> {
    const decision = decide(this.records, change, this.clock.now());
    if ('refusal' in decision) throw new Error(decision.refusal);
    const { effect } = decision;
    if (effect.op !== 'flush') await this.keep(effect);
    this.records.apply(effect);
    this.listener.onEffect(effect);
  }

  private async keep(effect: TenantEffect): Promise<void> {
    try {
      await this.journal?.append(effect, this.records.size);
    } catch (error) {
      throw new Error(`ERR the tenant registry cannot be kept: ${messageOf(error)}`, { cause: error });
    }
  }
}

interface Opened {
  readonly records: TenantRecords;
  readonly journal: TenantJournal | undefined;
}

function inMemory(): Opened {
  return { records: new TenantRecords(), journal: undefined };
}

/** What the journal of the run before holds goes into the file, since the journal begins anew. */
async function openFolder(directory: string): Promise<Opened> {
  const records = new TenantRecords(await readFileOf(join(directory, FILE_NAME)));
  const journalFile = join(directory, JOURNAL_NAME);
  const effects = await readJournalOf(journalFile);
  for (const effect of effects) records.apply(effect);
  const writeAll = (): Promise<void> => write(directory, records);
  if (effects.length > 0) await writeAll();
  return { records, journal: new TenantJournal(journalFile, writeAll) };
}

function write(directory: string, records: TenantRecords): Promise<void> {
  const { nextDatabase, records: tenants } = records.state;
  return writeFileAtomically(join(directory, FILE_NAME), `${JSON.stringify({ nextDatabase, tenants }, null, 2)}\n`);
}

async function readJournalOf(file: string): Promise<readonly TenantEffect[]> {
  try {
    return await readTenantJournal(file);
  } catch (error) {
    throw unreadable(file, systemCodeOf(error) === undefined ? 'it is damaged' : messageOf(error), error);
  }
}

async function readFileOf(file: string): Promise<TenantsState | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw unreadable(file, messageOf(error), error);
  }
  try {
    const { nextDatabase, tenants } = fileSchema.parse(JSON.parse(text));
    return { nextDatabase, records: tenants };
  } catch (error) {
    throw unreadable(file, 'it is damaged', error);
  }
}

function unreadable(file: string, reason: string, cause: unknown): RedNodeError {
  return new RedNodeError('TENANTS_UNREADABLE', `cannot read the tenants from ${file}: ${reason}`, ExitCode.io, {
    hint: 'restore the file, or move it away to start without tenants',
    cause,
  });
}
