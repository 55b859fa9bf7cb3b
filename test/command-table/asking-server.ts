/** A server in this process that is asked in whole batches, for tests of what many commands do together. */
import { encodeCommand } from '../../src/resp/encode.js';
import { startServer, type RunningServer } from '../../src/server/server.js';
import { RawConnection } from '../support/raw-connection.js';

export type Call = readonly (string | Uint8Array)[];

export class AskingServer implements AsyncDisposable {
  private constructor(
    readonly server: RunningServer,
    private readonly connection: RawConnection,
  ) {}

  static async start(): Promise<AskingServer> {
    const server = await startServer({ port: 0 });
    return new AskingServer(server, await RawConnection.open(server.port));
  }

  /** Sends the calls as one pipeline; their replies as bytes. */
  async ask(calls: readonly Call[]): Promise<Buffer[]> {
    this.connection.send(Buffer.concat(calls.map((words) => encodeCommand(words))));
    return this.connection.replies(calls.length);
  }

  /** The same as text, bytes being characters of their own. */
  async texts(calls: readonly Call[]): Promise<string[]> {
    return (await this.ask(calls)).map((reply) => reply.toString('latin1').trimEnd());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection[Symbol.asyncDispose]();
    await this.server.stop();
  }
}
