/**
 * Lets typed bytes through to the line editor a line at a time.
 * While a command runs the gate is shut: what is typed or pasted meanwhile waits, so that lines run in order and their
 * echo does not mix with output. Only Ctrl-C passes, as an `interrupt` event.
 */
import { Readable } from 'node:stream';
import { CTRL_R } from './history-search.js';

const CTRL_C = 0x03;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Pasted text beyond this stays in the terminal's own buffer until there is room. */
const HELD_BYTES_MAX = 1024 * 1024;

/** A terminal, or whatever stands in for one. */
export type TerminalInput = Readable & { setRawMode?: (isRaw: boolean) => unknown };

export class InputGate extends Readable {
  private isOpen = false;
  private hasEnded = false;
  private held: Buffer = Buffer.alloc(0);
  /** A line feed right behind a carriage return belongs to it, even when it comes in the next chunk. */
  private endedInReturn = false;
  private diversion: ((byte: number) => boolean) | undefined;
  private readonly onData = (chunk: Buffer | string): void => {
    this.accept(Buffer.from(chunk as string));
  };
  private readonly onEnd = (): void => {
    this.hasEnded = true;
    this.pump();
  };

  constructor(private readonly source: TerminalInput) {
    super();
    this.attach();
  }

  /** Lets bytes through up to the next line end, which shuts the gate again. */
  open(): void {
    this.isOpen = true;
    this.source.resume();
    this.pump();
  }

  /** Gives typed bytes to `taker` one by one; those that it returns false for go on to the line editor. Undefined ends it. */
  divert(taker: ((byte: number) => boolean) | undefined): void {
    this.diversion = taker;
  }

  /** Takes the terminal, in raw mode. */
  attach(): void {
    this.source.setRawMode?.(true);
    this.source.on('data', this.onData);
    this.source.on('end', this.onEnd);
    this.source.on('close', this.onEnd);
    this.source.on('error', this.onEnd);
    this.source.resume();
  }

  /** Leaves the terminal to others, as it was found. What is held stays held. */
  detach(): void {
    this.source.off('data', this.onData);
    this.source.off('end', this.onEnd);
    this.source.off('close', this.onEnd);
    this.source.off('error', this.onEnd);
    this.source.setRawMode?.(false);
    this.source.pause();
  }

  override _read(): void {
    // Bytes are pushed as they come.
  }

  private accept(chunk: Buffer): void {
    const interrupt = this.isOpen ? -1 : chunk.lastIndexOf(CTRL_C);
    if (interrupt >= 0) {
      this.held = chunk.subarray(interrupt + 1);
      this.emit('interrupt');
    } else {
      this.held = Buffer.concat([this.held, chunk]);
    }
    this.pump();
    if (this.held.length > HELD_BYTES_MAX) this.source.pause();
  }

  private pump(): void {
    while (this.isOpen && this.held.length > 0) {
      if (this.endedInReturn && this.held[0] === LINE_FEED) this.held = this.held.subarray(1);
      this.endedInReturn = false;
      if (this.diversion?.(this.held[0]) === true) {
        this.held = this.held.subarray(1);
        continue;
      }
      // What follows Ctrl-R is for the search that it starts, and waits until that has taken over.
      const end = this.held.findIndex((byte) => byte === CARRIAGE_RETURN || byte === LINE_FEED || byte === CTRL_R);
      this.pass(end < 0 ? this.held.length : end + 1, end >= 0 && this.held[end] !== CTRL_R);
    }
    if (this.hasEnded && this.isOpen && this.held.length === 0) {
      this.isOpen = false;
      this.push(null);
    }
  }

  private pass(lengthBytes: number, isLine: boolean): void {
    const bytes = this.held.subarray(0, lengthBytes);
    this.held = this.held.subarray(lengthBytes);
    if (isLine) {
      this.isOpen = false;
      this.endedInReturn = bytes.at(-1) === CARRIAGE_RETURN;
    }
    for (const part of withTabsApart(bytes)) this.push(part);
  }
}

/** Tabs at the end one by one: readline completes on the last byte of a chunk only, and takes any other tab for text. */
function withTabsApart(bytes: Buffer): readonly Buffer[] {
  const textLength = bytes.findLastIndex((byte) => byte !== TAB) + 1;
  const first = bytes.subarray(0, textLength + 1);
  const further = Array.from(bytes.subarray(textLength + 1), () => Buffer.from([TAB]));
  return first.length === 0 ? [] : [first, ...further];
}
