/** Effects that belong together: one as it is, several between MULTI and EXEC, so that a replica applies all of them or none. */
import { encodeCommand } from '../resp/encode.js';

const MULTI = encodeCommand(['MULTI']);
const EXEC = encodeCommand(['EXEC']);

/** Takes the half-open range `[start, end)` of `bytes`. */
type Append = (bytes: Uint8Array, start: number, end: number) => void;

export class EffectUnit {
  /** The first effect, as long as it may be the only one. */
  private held: Uint8Array | undefined;
  private isFramed = false;

  constructor(private readonly append: Append) {}

  get isEmpty(): boolean {
    return this.held === undefined && !this.isFramed;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    if (this.isEmpty) {
      this.held = Buffer.from(bytes.subarray(start, end));
      return;
    }
    if (this.held !== undefined) {
      this.append(MULTI, 0, MULTI.length);
      this.append(this.held, 0, this.held.length);
      this.held = undefined;
      this.isFramed = true;
    }
    this.append(bytes, start, end);
  }

  end(): void {
    if (this.isFramed) this.append(EXEC, 0, EXEC.length);
    else if (this.held !== undefined) this.append(this.held, 0, this.held.length);
  }
}
