/** `rednode cluster logs`: what the nodes have written, of one or of all. */
import { clusterFlags, ClusterCommand } from '../../src/cli/cluster-command.js';
import { logSources } from '../../src/cli/log-sources.js';
import {
  followLogs,
  mergeByTime,
  prettyLogLine,
  tailLines,
  type LogLine,
  type LogSource,
} from '../../src/cli/log-view.js';
import { boolean, integer, stringArgument } from '../../src/cli/oclif.js';
import { endEchoedLine, jsonText, writeOut } from '../../src/cli/output.js';
import { Following } from '../../src/cli/repeat.js';
import { ExitCode } from '../../src/errors.js';

const DEFAULT_LINES = 50;

export default class ClusterLogs extends ClusterCommand {
  static override summary = 'Show the logs of the nodes.';
  static override description =
    'Lines of several nodes are prefixed by the name of theirs. Works for a stopped cluster as well.';
  static override examples = ['<%= config.bin %> cluster logs n2', '<%= config.bin %> cluster logs -f'];
  static override baseFlags = clusterFlags;
  static override args = {
    node: stringArgument({ ignoreStdin: true, description: 'One node; without it all of them.' }),
  };
  static override flags = {
    lines: integer({ char: 'n', summary: 'Lines to show.', default: DEFAULT_LINES, min: 0 }),
    follow: boolean({ char: 'f', summary: 'Go on with what is written, until Ctrl-C.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterLogs);
    const sources = await logSources(flags.cluster, args.node);
    const width = sources.length > 1 ? Math.max(...sources.map(({ node }) => node.length)) : 0;
    const offsets = new Map<string, number>();
    const tails: LogLine[][] = [];
    for (const source of sources) {
      const { lines, endOffset } = await tailLines(source, flags.lines);
      offsets.set(source.file, endOffset);
      tails.push(lines);
    }
    const shown = flags.lines === 0 ? [] : mergeByTime(tails).slice(-flags.lines);
    for (const line of shown) await this.printLine(line, width, sources, flags.json);
    if (flags.follow) await this.follow(sources, offsets, width, flags.json);
  }

  private async follow(
    sources: readonly LogSource[],
    offsets: Map<string, number>,
    width: number,
    asJson: boolean,
  ): Promise<void> {
    const following = new Following();
    for await (const line of followLogs(sources, offsets, following.signal))
      await this.printLine(line, width, sources, asJson);
    following.release();
    if (following.exitCode === ExitCode.interrupted) endEchoedLine();
    process.exitCode = following.exitCode;
  }

  private async printLine(line: LogLine, width: number, sources: readonly LogSource[], asJson: boolean): Promise<void> {
    if (asJson) {
      await writeOut(`${jsonText(line, true)}\n`);
      return;
    }
    const index = sources.findIndex(({ node }) => node === line.node);
    const prefix = width === 0 ? '' : `${this.theme.node(index, line.node.padEnd(width))} `;
    await writeOut(`${prefix}${prettyLogLine(line.text, this.theme)}\n`);
  }
}
