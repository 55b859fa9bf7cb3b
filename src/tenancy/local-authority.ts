/** The tenant registry of a node that stands alone: kept in its folder when it has one, in memory otherwise. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { writeFileAtomically } from '../config/atomic-file.js';
import { ExitCode, messageOf, RedNodeError, systemCodeOf } from '../errors.js';
import { tenantRecordSchema, type TenantChange, type TenantRecord } from '../ipc/messages.js';
import type { Clock } from '../clock.js';
import { changedRegistry, type TenantAuthority } from './authority.js';

const FILE_NAME = 'tenants.json';

const fileSchema = z.object({ nextDatabase: z.int(), tenants: z.array(tenantRecordSchema) });

export class LocalAuthority implements TenantAuthority {
  private queue: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: string | undefined,
    private readonly clock: Clock,
    private nextDatabase: number,
    private records: readonly TenantRecord[],
    private readonly onChange: (records: readonly TenantRecord[]) => void,
  ) {}

  /** Reads what the folder holds; `onChange` is called at once and after every change. */
  static async open(
    directory: string | undefined,
    clock: Clock,
    onChange: (records: readonly TenantRecord[]) => void,
  ): Promise<LocalAuthority> {
    const file = directory === undefined ? undefined : join(directory, FILE_NAME);
    const kept = file === undefined ? undefined : await read(file);
    const authority = new LocalAuthority(file, clock, kept?.nextDatabase ?? 1, kept?.tenants ?? [], onChange);
    onChange(authority.records);
    return authority;
  }

  /** Changes go one after the other, so that each is checked against the outcome of the one before. */
  apply(change: TenantChange): Promise<void> {
    const run = this.queue.then(() => this.applyNow(change));
    this.queue = run.catch(() => undefined);
    return run;
  }

  private async applyNow(change: TenantChange): Promise<void> {
    const outcome = changedRegistry(this.records, change, this.nextDatabase, this.clock.now());
    if ('refusal' in outcome) throw new Error(outcome.refusal);
    const nextDatabase = change.op === 'create' ? this.nextDatabase + 1 : this.nextDatabase;
    if (this.file !== undefined) {
      await writeFileAtomically(this.file, `${JSON.stringify({ nextDatabase, tenants: outcome.records }, null, 2)}\n`);
    }
    this.nextDatabase = nextDatabase;
    this.records = outcome.records;
    this.onChange(outcome.records);
  }
}

async function read(file: string): Promise<z.infer<typeof fileSchema> | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw unreadable(file, messageOf(error), error);
  }
  try {
    return fileSchema.parse(JSON.parse(text));
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
