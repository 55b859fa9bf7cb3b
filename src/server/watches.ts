/** WATCH: which transactions are to fail when a key of a keyspace changes. */
import type { KeyObserver } from '../keyspace/key-observer.js';
import type { Keyspace } from '../keyspace/keyspace.js';

/** What is told of a change to a key that it watches. */
export interface Watcher {
  keyTouched(): void;
}

/** Keys by their bytes, one character each. */
type KeyText = string;

function keyText(bytes: Uint8Array, offset: number, length: number): KeyText {
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString('latin1');
}

/** The watched keys of one keyspace. */
class WatchedKeys implements KeyObserver {
  private readonly watchers = new Map<KeyText, Set<Watcher>>();

  constructor(private readonly keyspace: Keyspace) {}

  get isEmpty(): boolean {
    return this.watchers.size === 0;
  }

  add(key: KeyText, watcher: Watcher): void {
    const existing = this.watchers.get(key);
    if (existing === undefined) this.watchers.set(key, new Set([watcher]));
    else existing.add(watcher);
  }

  remove(key: KeyText, watcher: Watcher): void {
    const existing = this.watchers.get(key);
    existing?.delete(watcher);
    if (existing?.size === 0) this.watchers.delete(key);
  }

  keyChanged(bytes: Uint8Array, offset: number, length: number): void {
    const watchers = this.watchers.get(keyText(bytes, offset, length));
    if (watchers !== undefined) for (const watcher of watchers) watcher.keyTouched();
  }

  /** A key that does not exist is not changed by a flush. */
  allRemoved(): void {
    for (const [key, watchers] of this.watchers) {
      const bytes = Buffer.from(key, 'latin1');
      if (this.keyspace.findForWrite(bytes, 0, bytes.length) === 0) continue;
      for (const watcher of watchers) watcher.keyTouched();
    }
  }
}

/** The keys that one connection watches. */
export class WatchList {
  private readonly keys: { readonly keyspace: Keyspace; readonly key: KeyText; readonly wasVisible: boolean }[] = [];

  constructor(
    private readonly registry: WatchRegistry,
    private readonly watcher: Watcher,
  ) {}

  add(keyspace: Keyspace, bytes: Uint8Array, offset: number, length: number): void {
    // What has expired is removed first: its end is no change that anybody waits for.
    keyspace.findForWrite(bytes, offset, length);
    const key = keyText(bytes, offset, length);
    if (this.keys.some((watched) => watched.keyspace === keyspace && watched.key === key)) return;
    this.keys.push({ keyspace, key, wasVisible: keyspace.isVisible(bytes, offset, length) });
    this.registry.add(keyspace, key, this.watcher);
  }

  clear(): void {
    for (const { keyspace, key } of this.keys.splice(0)) this.registry.remove(keyspace, key, this.watcher);
  }

  /** Tells the watcher of keys whose deadline has come: they may still be there, as on a replica. */
  reviewDeadlines(): void {
    for (const { keyspace, key, wasVisible } of this.keys) {
      const bytes = Buffer.from(key, 'latin1');
      if (wasVisible && !keyspace.isVisible(bytes, 0, bytes.length)) this.watcher.keyTouched();
    }
  }
}

/** Every watched key of a node. A keyspace is observed only while one of its keys is watched. */
export class WatchRegistry {
  private readonly byKeyspace = new Map<Keyspace, WatchedKeys>();

  add(keyspace: Keyspace, key: KeyText, watcher: Watcher): void {
    let watched = this.byKeyspace.get(keyspace);
    if (watched === undefined) {
      watched = new WatchedKeys(keyspace);
      this.byKeyspace.set(keyspace, watched);
      keyspace.observer = watched;
    }
    watched.add(key, watcher);
  }

  remove(keyspace: Keyspace, key: KeyText, watcher: Watcher): void {
    const watched = this.byKeyspace.get(keyspace);
    if (watched === undefined) return;
    watched.remove(key, watcher);
    if (!watched.isEmpty) return;
    this.byKeyspace.delete(keyspace);
    keyspace.observer = undefined;
  }
}
