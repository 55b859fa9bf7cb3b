/** The history of lines on disk: private, bounded, shared by several shells at once, without secrets. */
import { appendFileSync, closeSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../config/make-folder.js';
import { messageOf, systemCodeOf } from '../errors.js';
import type { CommandSource } from './command-source.js';
import { redact } from './redaction.js';

export const HISTORY_LINES_MAX = 1000;
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
/** A longer line is data that was pasted, not something to be recalled. */
const LINE_LENGTH_MAX = 4096;

export interface HistoryOptions {
  /** Nothing is kept on disk without one. */
  readonly file?: string | undefined;
  readonly table: CommandSource;
  /** Told once when the file cannot be used; the shell goes on without. */
  readonly onProblem: (message: string) => void;
}

export class History {
  /** Oldest first. */
  private readonly kept: string[] = [];
  private isOnDisk: boolean;

  constructor(private readonly options: HistoryOptions) {
    this.isOnDisk = options.file !== undefined;
  }

  /** Lines to recall, oldest first, at most HISTORY_LINES_MAX. */
  get lines(): readonly string[] {
    return this.kept;
  }

  /** Reads what earlier shells left, and shortens the file when it has grown too long. */
  load(): void {
    this.onDisk((file) => {
      makeFolder(dirname(file), DIRECTORY_MODE);
      closeSync(openSync(file, 'a', FILE_MODE));
      const lines = linesOf(readFileSync(file, 'utf8'));
      this.kept.push(...lines.slice(-HISTORY_LINES_MAX));
      if (lines.length > HISTORY_LINES_MAX) compact(file);
    });
  }

  /** Keeps a line; returns it as it is kept, or undefined when it is not (blank in front, repeated, too long). */
  add(line: string): string | undefined {
    if (line.trim() === '' || line.startsWith(' ') || line.length > LINE_LENGTH_MAX) return undefined;
    const entry = redact(line, this.options.table).replaceAll(/[\r\n]+/g, ' ');
    if (entry === this.kept.at(-1)) return undefined;
    this.kept.push(entry);
    if (this.kept.length > HISTORY_LINES_MAX) this.kept.shift();
    this.onDisk((file) => {
      appendFileSync(file, `${entry}\n`, { mode: FILE_MODE });
    });
    return entry;
  }

  /** Shortens the file if this and other shells have made it too long. */
  close(): void {
    this.onDisk((file) => {
      if (linesOf(readFileSync(file, 'utf8')).length > HISTORY_LINES_MAX) compact(file);
    });
  }

  private onDisk(action: (file: string) => void): void {
    const { file } = this.options;
    if (!this.isOnDisk || file === undefined) return;
    try {
      action(file);
    } catch (error) {
      this.isOnDisk = false;
      this.options.onProblem(`history is not kept: ${systemCodeOf(error) ?? messageOf(error)} on ${file}`);
    }
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/**
 * Replaces the file by its newest lines. Another shell may append between the read and the rename: what the old file
 * got meanwhile is read through its descriptor, which outlives the rename, and is appended to the new one.
 */
function compact(file: string): void {
  const old = openSync(file, 'r');
  try {
    const text = readFileSync(old);
    const newest = linesOf(text.toString()).slice(-HISTORY_LINES_MAX);
    const temporary = `${file}.${String(process.pid)}`;
    writeFileSync(temporary, newest.join('\n') + '\n', { mode: FILE_MODE });
    renameSync(temporary, file);
    const late = readFileSync(old);
    if (late.length > 0) appendFileSync(file, late, { mode: FILE_MODE });
  } finally {
    closeSync(old);
  }
}
