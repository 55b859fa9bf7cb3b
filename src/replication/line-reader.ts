/** Reads one line at a time from chunks cut anywhere. */
import { ExitCode, RedNodeError } from '../errors.js';

const LINE_FEED = 0x0a;
const MAX_LINE_BYTES = 1024;

export class LineReader {
  private partial = '';
  private lines: string[] = [];

  /** The next line, without its end; undefined when the chunk held none. */
  take(): string | undefined {
    return this.lines.shift();
  }

  /**
   * Reads from `position` to the end of one line that is not empty, or of the chunk. Returns the position behind it.
   * Throws when the line grows too long to be one.
   */
  feed(chunk: Buffer, position: number): number {
    let at = position;
    while (at < chunk.length) {
      const lineEnd = chunk.indexOf(LINE_FEED, at);
      const end = lineEnd < 0 ? chunk.length : lineEnd;
      this.partial += chunk.toString('latin1', at, Math.min(end, at + MAX_LINE_BYTES));
      if (this.partial.length > MAX_LINE_BYTES) {
        throw new RedNodeError('REPLICATION_PROTOCOL', 'the master sent a line that does not end', ExitCode.internal);
      }
      if (lineEnd < 0) return end;
      at = lineEnd + 1;
      const line = this.partial.trimEnd();
      this.partial = '';
      if (line !== '') {
        this.lines.push(line);
        return at;
      }
    }
    return at;
  }
}
