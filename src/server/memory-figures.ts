/** What a node's memory is used for: the data to the byte, what serves them, and what the process holds. */
import type { MemoryFigures } from '../command-table/observation.js';
import type { Instance } from './instance.js';

export class MemoryMeter {
  private readonly startupBytes: number;
  private peakBytes = 0;

  constructor(private readonly instance: Instance) {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    this.startupBytes = heapUsed + arrayBuffers;
  }

  /** To be called at a steady pace, for the peak. */
  sample(): void {
    this.peakBytes = Math.max(this.peakBytes, this.usedBytes());
  }

  resetPeak(): void {
    this.peakBytes = this.usedBytes();
  }

  figures(): MemoryFigures {
    this.sample();
    const { store } = this.instance;
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
    let keys = 0;
    for (const keyspace of store.keyspaces()) keys += keyspace.size;
    return {
      usedBytes: this.usedBytes(),
      peakBytes: this.peakBytes,
      startupBytes: this.startupBytes,
      dataBytes: store.usedBytes,
      backlogBytes: this.backlogBytes(),
      clientBytes: this.clientBytes(),
      heapBytes: heapUsed,
      bufferBytes: arrayBuffers,
      residentBytes: rss,
      keys,
    };
  }

  private usedBytes(): number {
    return this.startupBytes + this.instance.store.usedBytes + this.backlogBytes() + this.clientBytes();
  }

  private backlogBytes(): number {
    const { log } = this.instance.replication;
    return log.endOffset - log.startOffset;
  }

  private clientBytes(): number {
    let bytes = 0;
    for (const session of this.instance.sessions) bytes += session.memoryBytes;
    return bytes;
  }
}
