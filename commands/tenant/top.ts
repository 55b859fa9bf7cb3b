/** `rednode tenant top`: which tenants are at work, again and again. */
import { ClientCommand } from '../../src/cli/client-command.js';
import { parseDurationMs } from '../../src/cli/formats.js';
import { integer, string } from '../../src/cli/oclif.js';
import { endEchoedLine, jsonText, writeOut } from '../../src/cli/output.js';
import { Following, pause } from '../../src/cli/repeat.js';
import { loadsOf, loadTable, type TenantLoad } from '../../src/cli/tenant-top.js';
import { readTenants } from '../../src/cli/tenant-summary.js';
import type { RoutingClient } from '../../src/client/routing-client.js';
import { ExitCode } from '../../src/errors.js';

/** Of the terminal's rows, those that are not for tenants: head, the line below, the cursor. */
const OTHER_ROWS = 5;
const PLAIN_ROWS = 20;

export default class TenantTop extends ClientCommand {
  static override summary = 'Show the load of the tenants, the busiest first, until Ctrl-C.';
  static override description =
    'Rates are those since the table before, over all masters. Slowed: of the time, the part in which MAXOPS kept its connections waiting, on all nodes together.';
  static override examples = [
    '<%= config.bin %> tenant top',
    '<%= config.bin %> tenant top --count 1 --interval 10s',
    '<%= config.bin %> tenant top --json | jq -c .[0]',
  ];
  static override flags = {
    interval: string({ summary: 'Time between two tables.', default: '1s', helpValue: 'TIME' }),
    count: integer({ summary: 'End after so many tables.', min: 1 }),
    rows: integer({ summary: 'Most tenants to show. Default: what fits, or 20.', min: 1 }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(TenantTop);
    const intervalMs = parseDurationMs(flags.interval, '--interval');
    const count = flags.count ?? Infinity;
    const isRedrawn = !flags.json && process.stdout.isTTY && process.env.TERM !== 'dumb';
    const logUpdate = isRedrawn ? (await import('log-update')).default : undefined;
    const exitCode = await this.withClient(flags, (client) =>
      this.follow(client, intervalMs, count, async (loads) => {
        if (flags.json) return writeOut(`${jsonText(loads, true)}\n`);
        const fitting = isRedrawn ? Math.max(1, process.stdout.rows - OTHER_ROWS) : PLAIN_ROWS;
        const table = await loadTable(loads, flags.rows ?? fitting, this.theme);
        if (logUpdate === undefined) return writeOut(`${table}\n\n`);
        logUpdate(`${table}\n\n${this.theme.dim(`every ${flags.interval}; Ctrl-C ends`)}`);
      }),
    );
    logUpdate?.done();
    if (exitCode === ExitCode.interrupted) endEchoedLine();
    process.exitCode = exitCode;
  }

  /** Looks at an interval and hands over what was done between two looks. Resolves with the exit code. */
  private async follow(
    client: RoutingClient,
    intervalMs: number,
    count: number,
    show: (loads: readonly TenantLoad[]) => Promise<void>,
  ): Promise<ExitCode> {
    const following = new Following();
    const { signal } = following;
    try {
      let [before, atMs] = [await readTenants(client), performance.now()];
      for (let shown = 0; shown < count; shown++) {
        await pause(intervalMs, signal);
        if (signal.aborted) break;
        const [now, nowMs] = [await readTenants(client), performance.now()];
        await show(loadsOf(before, now, nowMs - atMs));
        [before, atMs] = [now, nowMs];
      }
      return following.exitCode;
    } finally {
      following.release();
    }
  }
}
