/**
 * What has changed of the tenants since they were written as a whole: a line per effect, on disk before it is answered.
 * A change among 10,000 tenants costs a line and not a file. Lines are assignments, so those that the file holds already
 * may be applied again.
 */
import { open, readFile, truncate } from 'node:fs/promises';
import { tenantEffectSchema, type TenantEffect } from '../ipc/messages.js';
import { systemCodeOf } from '../errors.js';

const PRIVATE_MODE = 0o600;
/** A journal is written into the file when it has this many lines, or as many as there are tenants. */
const MIN_LINES_TO_FOLD = 1000;

/**
 * Reads what a journal holds. A line cut off by a crash was never answered, and is dropped; anything else that cannot be
 * understood throws.
 */
export async function readTenantJournal(file: string): Promise<readonly TenantEffect[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => tenantEffectSchema.parse(JSON.parse(line)));
}

export class TenantJournal {
  private lines = 0;
  private endBytes = 0;
  private hasBegun = false;

  /** @param writeAll Writes the file as a whole, with all that was appended so far. */
  constructor(
    private readonly file: string,
    private readonly writeAll: () => Promise<void>,
  ) {}

  /**
   * Keeps an effect. The first call empties the journal, so what it held must be in the file by then. Rejects when the
   * effect could not be kept; the journal is as before then.
   * @param tenantCount How many tenants there are: a file of many is written less often.
   */
  async append(effect: TenantEffect, tenantCount: number): Promise<void> {
    if (!this.hasBegun) await this.clear();
    else if (this.lines >= Math.max(MIN_LINES_TO_FOLD, tenantCount)) await this.fold();
    const line = Buffer.from(`${JSON.stringify(effect)}\n`);
    const handle = await open(this.file, 'a', PRIVATE_MODE);
    try {
      await handle.truncate(this.endBytes);
      await handle.appendFile(line);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    this.lines++;
    this.endBytes += line.length;
  }

  private async fold(): Promise<void> {
    await this.writeAll();
    await this.clear();
  }

  private async clear(): Promise<void> {
    try {
      await truncate(this.file, 0);
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') throw error;
    }
    this.hasBegun = true;
    this.lines = 0;
    this.endBytes = 0;
  }
}
