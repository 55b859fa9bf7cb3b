/**
 * Commands that change the mode of a connection (AUTH, HELLO, TENANT USE), and those that are not in the table. What
 * says who the client is applies to all of its connections, or a key's slot would decide whose key it is.
 */
import type { Reply } from '../resp/reply.js';
import { RedNodeError } from '../errors.js';
import type { CommandRunner } from './command-runner.js';
import { ConnectionCode } from './connection-errors.js';
import { DEFAULT_USERNAME } from './handshake.js';
import type { MergedReply } from './merge.js';
import type { NodeConnections } from './node-connections.js';
import type { TopologyTracker } from './topology-tracker.js';
import type { CommandWords } from './types.js';
import { nameOf, textOf } from './words.js';

/** These leave their connection in a state that is not the client's: the next command begins on a new one. */
const leavesConnectionUnusable: ReadonlySet<string> = new Set(['HELLO', 'RESET', 'QUIT']);

const ok: Reply = { type: 'simple', value: 'OK' };

export class SessionCommands {
  constructor(
    private readonly connections: NodeConnections,
    private readonly tracker: TopologyTracker,
    private readonly runner: CommandRunner,
  ) {}

  async run(words: CommandWords): Promise<MergedReply> {
    const name = nameOf(words);
    if (name === 'AUTH' && (words.length === 2 || words.length === 3)) {
      const username = words.length === 3 ? textOf(words[1]) : undefined;
      return this.asReply(this.authenticate(username, textOf(words[words.length - 1])));
    }
    if (name === 'TENANT' && textOf(words[1]).toUpperCase() === 'USE' && words.length === 3) {
      return this.asReply(this.connections.selectTenant(this.tracker.anyMaster(), textOf(words[2])));
    }
    return this.runAtHome(name, words);
  }

  private authenticate(username: string | undefined, password: string): Promise<void> {
    return this.connections.authenticate(this.tracker.anyMaster(), username, password);
  }

  /** A refusal is a reply like any other; a lost connection is not. */
  private async asReply(change: Promise<void>): Promise<MergedReply> {
    const nodes = [this.tracker.anyMaster().name];
    try {
      await change;
      return { reply: ok, nodes };
    } catch (error) {
      if (!(error instanceof RedNodeError) || error.code !== ConnectionCode.authenticationFailed) throw error;
      return { reply: { type: 'error', value: error.message }, nodes };
    }
  }

  private async runAtHome(name: string, words: CommandWords): Promise<MergedReply> {
    const { reply, node } = await this.runner.run(words, { prefersHome: true, isRepeatable: false });
    if (leavesConnectionUnusable.has(name)) await this.connections.drop(node);
    if (name === 'HELLO' && reply.type !== 'error') await this.adoptCredentials(words);
    return { reply, nodes: [node.name] };
  }

  /** HELLO 3 AUTH username password: accepted on one connection, so the client goes on as that user. */
  private async adoptCredentials(words: CommandWords): Promise<void> {
    const at = words.findIndex((word, index) => index > 1 && textOf(word).toUpperCase() === 'AUTH');
    if (at === -1) return;
    const username = textOf(words[at + 1]);
    await this.authenticate(username === '' ? DEFAULT_USERNAME : username, textOf(words[at + 2]));
  }
}
