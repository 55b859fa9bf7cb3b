/** A keyspace with text in and out, for tests. */
import type { Keyspace } from '../../src/keyspace/keyspace.js';
import { Store } from '../../src/keyspace/store.js';

export const START_MS = 1_700_000_000_000;

export function newStore(options: ConstructorParameters<typeof Store>[0] = {}): Store {
  const store = new Store({ hashSeed: { low: 11, high: 22 }, ...options });
  store.nowMs = START_MS;
  return store;
}

/** Text in front of a keyspace. Bytes are placed at an odd offset, as in a receive buffer. */
export class TextKeyspace {
  constructor(readonly keyspace: Keyspace) {}

  set(key: string, value: string, keepTtl = false): number {
    const [k, v] = [view(key), view(value)];
    return this.keyspace.setString(k, PADDING, k.length - PADDING, v, PADDING, v.length - PADDING, keepTtl);
  }

  ref(key: string): number {
    const k = view(key);
    return this.keyspace.findForWrite(k, PADDING, k.length - PADDING);
  }

  get(key: string): string | undefined {
    const k = view(key);
    const ref = this.keyspace.find(k, PADDING, k.length - PADDING);
    return ref === 0 ? undefined : this.keyspace.value(ref).toString('latin1');
  }

  remove(key: string): boolean {
    const k = view(key);
    return this.keyspace.remove(k, PADDING, k.length - PADDING);
  }

  append(key: string, value: string): number {
    const [k, v] = [view(key), view(value)];
    return this.keyspace.append(k, PADDING, k.length - PADDING, v, PADDING, v.length - PADDING);
  }

  replace(key: string, value: string): void {
    const [k, v] = [view(key), view(value)];
    const length = k.length - PADDING;
    this.keyspace.replaceValue(k, PADDING, length, this.ref(key), v, PADDING, v.length - PADDING);
  }

  rename(from: string, to: string): boolean {
    const [f, t] = [view(from), view(to)];
    return this.keyspace.rename(f, PADDING, f.length - PADDING, t, PADDING, t.length - PADDING);
  }

  expireAt(key: string, deadlineMs: number): void {
    const k = view(key);
    this.keyspace.setDeadline(k, PADDING, k.length - PADDING, this.ref(key), deadlineMs);
  }

  persist(key: string): boolean {
    return this.keyspace.clearDeadline(this.ref(key));
  }

  deadline(key: string): number {
    return this.keyspace.deadline(this.ref(key));
  }

  /** All keys with values and deadlines. */
  contents(): Map<string, string> {
    const contents = new Map<string, string>();
    this.keyspace.forEach((ref) => {
      contents.set(this.keyspace.keyOf(ref).toString('latin1'), describeEntry(this.keyspace, ref));
    });
    return contents;
  }
}

/** Value and deadline in one text. */
export function describeEntry(view: Pick<Keyspace, 'value' | 'deadline'>, ref: number): string {
  return `${view.value(ref).toString('latin1')} @${view.deadline(ref)}`;
}

export function free(store: Store): void {
  while (store.freeSome(1));
}

const PADDING = 3;

function view(text: string): Buffer {
  return Buffer.from(`\0\0\0${text}`, 'latin1');
}
