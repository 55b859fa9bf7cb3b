/** The state file of a cluster: what outlives its processes (identity, ports, members, tenants). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { writeFileAtomically } from '../config/atomic-file.js';
import { ExitCode, messageOf, RedNodeError, systemCodeOf } from '../errors.js';
import { tenantRecordSchema, type TenantRecord } from '../ipc/messages.js';
import { readTenantJournal } from '../tenancy/journal.js';
import { TenantRecords } from '../tenancy/records.js';
import { tenantJournalPath } from './cluster-files.js';
import { fileError, OTHER_FOLDER_HINT } from './private-files.js';

const STATE_VERSION = 1;

const portSchema = z.int().check(z.minimum(1), z.maximum(65_535));

const memberSchema = z.object({
  name: z.string().check(z.regex(/^n[1-9]\d*$/)),
  id: z.string().check(z.regex(/^[0-9a-f]{40}$/)),
  port: portSchema,
  /** Of its last run with TLS. */
  tlsPort: z.optional(portSchema),
  role: z.enum(['master', 'replica']),
  masterName: z.optional(z.string()),
});

const stateSchema = z.object({
  version: z.literal(STATE_VERSION),
  name: z.string(),
  host: z.string(),
  masters: z.int().check(z.minimum(1)),
  replicasPerMaster: z.int().check(z.minimum(0)),
  epoch: z.int(),
  /** In the order n1, n2, ...; role and master are those of the last change. */
  members: z.array(memberSchema),
  tenants: z.array(tenantRecordSchema),
  /** The database number that the next tenant gets: one that was given away does not come back. */
  nextDatabase: z.int().check(z.minimum(1)),
  options: z.object({ maxMemoryBytes: z.number(), logLevel: z.string() }),
  /** Where the launcher listens: not always in the cluster's folder, since socket paths must be short. */
  controlSocket: z.string(),
});

export interface ClusterState extends Omit<z.infer<typeof stateSchema>, 'tenants'> {
  readonly tenants: readonly TenantRecord[];
}

export function stateFilePath(directory: string): string {
  return join(directory, 'state.json');
}

/** The kept state, or undefined when there is none. Throws BAD_STATE_FILE for a damaged one, FILE_ERROR when it cannot be read. */
export async function readState(directory: string): Promise<ClusterState | undefined> {
  const path = stateFilePath(directory);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw fileError(`cannot read ${path}`, error, OTHER_FOLDER_HINT);
  }
  return withJournal(parseState(path, text), directory);
}

/** What has changed of the tenants since the file was written is in a journal beside it. */
async function withJournal(state: ClusterState, directory: string): Promise<ClusterState> {
  const path = tenantJournalPath(directory);
  const records = new TenantRecords({ records: state.tenants, nextDatabase: state.nextDatabase });
  try {
    for (const effect of await readTenantJournal(path)) records.apply(effect);
  } catch (error) {
    if (systemCodeOf(error) !== undefined) throw fileError(`cannot read ${path}`, error, OTHER_FOLDER_HINT);
    throw damaged(path, messageOf(error));
  }
  return { ...state, tenants: records.state.records, nextDatabase: records.nextDatabase };
}

function parseState(path: string, text: string): ClusterState {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw damaged(path, messageOf(error));
  }
  const result = stateSchema.safeParse(data);
  if (!result.success) throw damaged(path, z.prettifyError(result.error));
  const { members, masters, replicasPerMaster } = result.data;
  const expected = masters * (1 + replicasPerMaster);
  if (members.length === expected) return result.data;
  throw damaged(path, `it lists ${members.length} nodes, and ${masters} masters with replicas make ${expected}`);
}

function damaged(path: string, reason: string): RedNodeError {
  return new RedNodeError('BAD_STATE_FILE', `the state file ${path} is damaged: ${reason}`, ExitCode.io, {
    hint: 'remove that file to begin anew: the cluster gets new node ids and loses its list of tenants',
  });
}

/** Writes the state of one cluster; while a write is under way only the newest state waits behind it. */
export class StateFile {
  #next: ClusterState | undefined;
  /** The write that waits for its turn. */
  #scheduled: Promise<void> | undefined;
  /** Settles when no write is under way; never rejects. */
  #idle: Promise<void> = Promise.resolve();

  constructor(private readonly directory: string) {}

  /** Settles when this state, or a newer one, is on disk. Throws FILE_ERROR. */
  save(state: ClusterState): Promise<void> {
    this.#next = state;
    if (this.#scheduled === undefined) {
      this.#scheduled = this.#idle.then(() => this.#writeNext());
      // Who asked for the write gets its error; the write after it is an attempt of its own.
      this.#idle = this.#scheduled.catch(() => undefined);
    }
    return this.#scheduled;
  }

  async #writeNext(): Promise<void> {
    const state = this.#next;
    this.#scheduled = undefined;
    const path = stateFilePath(this.directory);
    try {
      await writeFileAtomically(path, `${JSON.stringify(state, null, 2)}\n`);
    } catch (error) {
      throw fileError(`cannot write ${path}`, error);
    }
  }
}
