/** Whether a client that does not read is to be given up: Redis's hard and soft output buffer limits. */
import type { OutputLimit } from '../config/output-limits.js';

const WITHIN = -1;

export class OutputGuard {
  private overSoftSinceMs = WITHIN;

  /** Whether `pendingBytes` are too many; has to be asked again while they may be, for the soft limit counts the time. */
  isExceeded({ hardBytes, softBytes, softMs }: OutputLimit, pendingBytes: number, nowMs: number): boolean {
    if (hardBytes > 0 && pendingBytes > hardBytes) return true;
    if (softBytes === 0 || pendingBytes <= softBytes) {
      this.overSoftSinceMs = WITHIN;
      return false;
    }
    if (this.overSoftSinceMs === WITHIN) this.overSoftSinceMs = nowMs;
    return nowMs - this.overSoftSinceMs > softMs;
  }
}
