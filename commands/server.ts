/** `rednode server`: one node in the foreground. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { BaseCommand } from '../src/cli/base-command.js';
import { parseSizeBytes } from '../src/cli/formats.js';
import { integer, string } from '../src/cli/oclif.js';
import { onBrokenPipe } from '../src/cli/output.js';
import { onStopSignal } from '../src/cli/repeat.js';
import { openNodeWarning } from '../src/cli/open-node-warning.js';
import { createServerLogger, LOG_LEVELS } from '../src/cli/server-logger.js';
import { tlsConfig, tlsServerFlags } from '../src/cli/tls-options.js';
import { describePortInUse } from '../src/cluster/ports.js';
import { evictionPolicies } from '../src/config/eviction-policy.js';
import { defaultServerConfig } from '../src/config/server-config.js';
import { ExitCode, systemCodeOf } from '../src/errors.js';
import { startServer, type RunningServer, type StartOptions } from '../src/server/server.js';

const ENV_FILE = '.env';

export default class Server extends BaseCommand {
  static override summary = 'Run one node in the foreground.';
  static override description =
    'A .env file in the current folder is read. SIGINT and SIGTERM drain the connections and exit with 0. Data is in memory; with --dir the list of tenants is kept.';
  static override examples = [
    '<%= config.bin %> server',
    '<%= config.bin %> server --port 7000 --max-memory 256mb',
    'PORT=7000 npm start',
  ];
  static override flags = {
    port: integer({
      summary: 'Port to listen on; 0 takes any free one.',
      env: 'PORT',
      default: defaultServerConfig.port,
      min: 0,
      max: 65_535,
    }),
    host: string({ summary: 'Address to listen on.', default: defaultServerConfig.host }),
    dir: string({ summary: 'Folder for what outlives the process.', helpValue: 'FOLDER' }),
    'admin-password': string({
      summary: 'Password of the admin; prefer the environment, which other users cannot read.',
      env: 'REDNODE_ADMIN_PASSWORD',
      noCacheDefault: true,
    }),
    'max-memory': string({ summary: 'Limit for keys and values: 64mb, 2gb. Default: none.', helpValue: 'SIZE' }),
    'max-memory-policy': string({
      summary: 'Which keys make room at that limit; noeviction refuses writes.',
      options: [...evictionPolicies],
      default: defaultServerConfig.evictionPolicy,
    }),
    'protected-mode': string({
      summary: 'Whether clients of other machines are refused as long as there is no admin password.',
      options: ['yes', 'no'],
      default: 'yes',
    }),
    ...tlsServerFlags,
    'log-level': string({
      summary: 'Least level that is logged to stderr.',
      options: [...LOG_LEVELS],
      default: 'info',
    }),
  };

  protected override async init(): Promise<void> {
    if (existsSync(ENV_FILE)) process.loadEnvFile(ENV_FILE);
    await super.init();
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Server);
    const password = flags['admin-password'];
    const hasPassword = password !== undefined && password !== '';
    const isProtected = flags['protected-mode'] === 'yes';
    const server = await this.start({
      port: flags.port,
      host: flags.host,
      directory: flags.dir === undefined ? undefined : path.resolve(flags.dir),
      adminPasswordHash: hasPassword ? sha256(password) : undefined,
      maxMemoryBytes: flags['max-memory'] === undefined ? 0 : parseSizeBytes(flags['max-memory'], '--max-memory'),
      evictionPolicy: evictionPolicies.find((policy) => policy === flags['max-memory-policy']) ?? 'noeviction',
      isProtected,
      tls: tlsConfig(flags),
      logLevel: flags['log-level'],
      logger: await createServerLogger(flags['log-level']),
    });
    const warning = openNodeWarning({ host: flags.host, hasPassword, isProtected });
    if (warning !== undefined) this.note(this.theme.chalk.yellow(warning));
    await this.announce(server, flags.json);
    await untilStopped(server);
  }

  private async start(options: StartOptions & { port: number; host: string }): Promise<RunningServer> {
    try {
      return await startServer(options);
    } catch (error) {
      if (systemCodeOf(error) === 'EADDRINUSE')
        throw await describePortInUse(takenPort(error, options.port), options.host);
      throw error;
    }
  }

  private async announce({ host, port, tlsPort }: RunningServer, asJson: boolean): Promise<void> {
    const address = host.includes(':') ? `[${host}]` : host;
    const tlsUrl = tlsPort === 0 ? undefined : `rediss://${address}:${tlsPort}`;
    const url = port === 0 ? (tlsUrl ?? '') : `redis://${address}:${port}`;
    const urls = [url, ...(tlsUrl === undefined || tlsUrl === url ? [] : [tlsUrl])];
    await this.print(
      asJson,
      { host, port, url, ...(tlsUrl === undefined ? {} : { tlsPort, tlsUrl }), pid: process.pid },
      () =>
        `RedNode ${this.config.version}   ${urls.map((each) => this.theme.strong(each)).join('   ')}   pid ${process.pid}   ${this.theme.dim('data: in memory')}`,
    );
  }
}

/** Resolves when the server has stopped: by a signal, or by SHUTDOWN. A second signal does not wait any longer. */
async function untilStopped(server: RunningServer): Promise<void> {
  let signals = 0;
  const stop = (): void => {
    signals++;
    if (signals > 1) process.exit(ExitCode.interrupted);
    void server.stop();
  };
  onBrokenPipe(() => undefined);
  const release = onStopSignal(stop);
  await server.stopped;
  release();
}

/** The port that the system names: there may be two. */
function takenPort(error: unknown, asked: number): number {
  return error instanceof Error && 'port' in error && typeof error.port === 'number' ? error.port : asked;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
