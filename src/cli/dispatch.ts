/** Finds the CLI command that a command line names, through oclif, and runs it. */
import { withCompleteHint } from './cluster-hint.js';
import type { PackageDescription } from './package-description.js';
import { Config, Help, helpAddition, normalizeArgv, Plugin, versionAddition } from './oclif.js';
import { writeOut } from './output.js';
import { isParseError, unknownCommand, usageErrorFrom } from './usage-errors.js';

type Loadable = NonNullable<ReturnType<Config['findCommand']>>;

export interface DispatchOptions {
  readonly root: string;
  readonly argv: string[];
  readonly packageDescription: PackageDescription;
  readonly fromSource: boolean;
}

/**
 * Throws what the command throws, and UNKNOWN_COMMAND when there is no such command. These are the steps of oclif's own
 * `run`, which would load the configuration a second time and answers an unknown command in other words.
 */
export async function dispatch(options: DispatchOptions): Promise<void> {
  const { argv } = options;
  const config = await loadConfig(options);
  if (versionAddition(argv, config)) {
    await writeOut(`${config.userAgent}\n`);
    return;
  }
  const isHelp = helpAddition(argv, config);
  const [id = '', ...rest] = normalizeArgv(config, isHelp ? argv.filter((word) => word !== '--help') : argv);
  const command = config.findCommand(id);
  if (command === undefined && config.findTopic(id) === undefined && id !== '') {
    throw unknownCommand(id.split(':'), visibleCommandIds(config));
  }
  if (isHelp || command === undefined) await new Help(config).showHelp(argv);
  else await run(config, command, rest);
}

/** Errors leave with what only the command line knows: which command it was, and its other words. */
async function run(config: Config, command: Loadable, argv: string[]): Promise<void> {
  try {
    await config.runCommand(command.id, argv, command);
  } catch (error) {
    throw isParseError(error)
      ? usageErrorFrom(error, command.id.replaceAll(':', ' '))
      : withCompleteHint(error, command.id, argv);
  }
}

async function loadConfig({ root, packageDescription, fromSource }: DispatchOptions): Promise<Config> {
  // Without user and development plugins no other package.json is looked for.
  const shared = { root, pjson: packageDescription, userPlugins: false, devPlugins: false };
  if (!fromSource) return Config.load(shared);
  const pjson: PackageDescription = {
    ...packageDescription,
    oclif: { ...packageDescription.oclif, commands: './commands' },
  };
  const plugin = new Plugin({ root, pjson, isRoot: true, ignoreManifest: true, name: pjson.name });
  await plugin.load();
  return Config.load({ ...shared, pjson, plugins: new Map([[plugin.name, plugin]]) });
}

function visibleCommandIds(config: Config): string[] {
  return config.commands.filter((command) => !command.hidden).map((command) => command.id);
}
