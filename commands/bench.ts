/** `rednode bench`: a load on any server or cluster, and how fast it was answered. */
import { benchFlags, readSettings, type BenchSettings } from '../src/cli/bench/bench-flags.js';
import { loadText, reportJson, reportText } from '../src/cli/bench/bench-report.js';
import { runBenchmark, type BenchOutcome } from '../src/cli/bench/bench-session.js';
import { silentView, startLiveView } from '../src/cli/bench/live-view.js';
import { ClientCommand } from '../src/cli/client-command.js';
import { connectTo } from '../src/cli/connect.js';
import { plural } from '../src/cli/formats.js';
import { endEchoedLine, jsonText, writeOut } from '../src/cli/output.js';
import { exitCodeOf } from '../src/cli/repeat.js';
import { findTarget, type Target } from '../src/cli/target.js';
import { columnsOf, createTheme } from '../src/cli/theme.js';
import type { RoutingClient } from '../src/client/routing-client.js';
import { ExitCode } from '../src/errors.js';

export default class Bench extends ClientCommand {
  static override summary = 'Measure how fast a server or a cluster answers.';
  static override description =
    'Writes every key, then reads and writes them at random and measures, then removes what it wrote. Ctrl-C ends the load early.\n\nA client sends its commands, waits for the replies and sends the next ones: what a server that stalls would have been asked meanwhile is in no latency. With --rate, commands are due at fixed times and latency counts from then. Latency with --pipeline is that of the batch. The exit code is 1 when the server answered with nothing but errors.';
  static override examples = [
    '<%= config.bin %> bench',
    '<%= config.bin %> bench --pipeline 16 --ratio 1:1 --size 1kb --duration 30s',
    '<%= config.bin %> bench --zipf 0.99 --keyspace 1000000 --rate 50000 --json',
  ];
  static override flags = benchFlags;

  async run(): Promise<void> {
    const { flags } = await this.parse(Bench);
    const settings = readSettings(flags);
    const target = await findTarget(flags);
    // A lost connection is told of by those that carry the load.
    const client = await connectTo(target, () => undefined);
    try {
      if (!flags.json) this.announce(target, client, settings);
      const view = flags.json ? silentView : await startLiveView(createTheme(process.stderr));
      const fills = !flags['no-fill'];
      const outcome = await runBenchmark({ client, target, settings, view, fills, keeps: flags.keep });
      await this.show(outcome, flags.json);
    } finally {
      await client.close();
    }
  }

  private announce(target: Target, client: RoutingClient, settings: BenchSettings): void {
    const masters = client.nodes().filter((node) => node.role === 'master').length;
    const { theme } = this;
    const where = client.isCluster ? `   ${plural(masters, 'master')}` : '';
    this.note(`\n  bench ${theme.strong(target.name)}${where}\n  ${theme.dim(loadText(settings))}\n`);
  }

  private async show({ report, signal, failure }: BenchOutcome, asJson: boolean): Promise<void> {
    if (signal === 'SIGINT') endEchoedLine();
    if (asJson) await writeOut(`${jsonText(reportJson(report))}\n`);
    else await writeOut(`\n${await reportText(report, this.theme, columnsOf(process.stdout))}\n`);
    if (failure !== undefined) throw failure as Error;
    const { operations, failures } = report.measured;
    if (signal !== undefined) process.exitCode = exitCodeOf(signal);
    else if (operations === 0 && failures > 0) process.exitCode = ExitCode.serverError;
  }
}
