/** Plays a script to one server and records what it answered. */
import { eventually } from '../support/eventually.js';
import { RawConnection } from '../support/raw-connection.js';
import type { Script, Step } from './script.js';

/** Bytes that came in answer to one step; a failure (no reply in time, connection lost) is recorded as text. */
export interface Exchange {
  readonly step: Step;
  readonly replies: readonly Buffer[];
}

export interface ServerAddress {
  readonly port: number;
  readonly password?: string | undefined;
}

const UNTIL_TIMEOUT_MS = 5_000;

function encode(words: readonly (Buffer | string)[]): Buffer {
  const parts = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = Buffer.from(word);
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}

class Player implements AsyncDisposable {
  private readonly connections = new Map<string, RawConnection>();
  private currentName = 'main';

  constructor(
    private readonly server: ServerAddress,
    private readonly protocol: 2 | 3,
  ) {}

  async play(step: Step): Promise<Buffer[]> {
    switch (step.kind) {
      case 'connection':
        this.currentName = step.name;
        return [];
      case 'command':
        return this.playCommand(step);
      case 'raw':
        return this.playRaw(step);
      case 'receive':
        return (await this.current()).replies(step.replies);
      case 'until-gone':
        await this.waitUntilGone(step.key);
        return [];
    }
  }

  private async playCommand(step: Extract<Step, { kind: 'command' }>): Promise<Buffer[]> {
    const connection = await this.current();
    const bytes = encode(step.words);
    if (step.closes) {
      connection.send(bytes);
      return [await connection.untilClosed()];
    }
    const ask = (): Promise<Buffer[]> => {
      connection.send(bytes);
      return connection.replies(step.replies);
    };
    const { until } = step;
    if (until === undefined) return ask();
    return eventually(
      async () => {
        const replies = await ask();
        if (replies[0].toString().startsWith(until)) return replies;
        throw new Error(`the reply is still ${replies[0].toString()}`);
      },
      { timeoutMs: UNTIL_TIMEOUT_MS },
    );
  }

  private async playRaw(step: Extract<Step, { kind: 'raw' }>): Promise<Buffer[]> {
    const connection = await this.current();
    for (const chunk of step.chunks) {
      connection.send(chunk);
      // Lets the chunk go out in a segment of its own.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (step.replies === 'closed') return [await connection.untilClosed()];
    return connection.replies(step.replies);
  }

  private async waitUntilGone(key: Buffer): Promise<void> {
    const connection = await this.current();
    await eventually(
      async () => {
        connection.send(encode(['EXISTS', key]));
        return (await connection.reply()).toString() === ':0\r\n';
      },
      { timeoutMs: UNTIL_TIMEOUT_MS },
    );
  }

  /** The connection in use; a new one where it was never opened or the server has closed it. */
  private async current(): Promise<RawConnection> {
    const known = this.connections.get(this.currentName);
    if (known !== undefined && !known.isClosed) return known;
    const connection = await RawConnection.open(this.server.port);
    this.connections.set(this.currentName, connection);
    if (this.protocol === 3) {
      connection.send(encode(['HELLO', '3']));
      await connection.reply();
    }
    return connection;
  }

  /** Closes the connection in use. */
  async drop(): Promise<void> {
    await this.connections.get(this.currentName)?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.connections.values()) await connection[Symbol.asyncDispose]();
  }
}

/** Empties the server, so that every script begins with nothing. */
async function clear(server: ServerAddress): Promise<void> {
  await using connection = await RawConnection.open(server.port);
  if (server.password !== undefined) {
    connection.send(encode(['AUTH', server.password]));
    await connection.reply();
  }
  connection.send(encode(['FLUSHALL']));
  const reply = (await connection.reply()).toString();
  if (reply !== '+OK\r\n') throw new Error(`FLUSHALL was answered with ${reply}`);
}

export async function play(script: Script, server: ServerAddress, protocol: 2 | 3): Promise<Exchange[]> {
  await clear(server);
  await using player = new Player(server, protocol);
  const exchanges: Exchange[] = [];
  for (const step of script.steps) {
    try {
      exchanges.push({ step, replies: await player.play(step) });
    } catch (error) {
      // A missing reply is a difference like any other: what follows is still played.
      const text = error instanceof Error ? error.message : String(error);
      exchanges.push({ step, replies: [Buffer.from(`(${text})`)] });
      // On a new connection, since late replies on this one would be taken for those of the steps that follow.
      await player.drop();
    }
  }
  return exchanges;
}
