/** Finds the CLI command that a command line names, through oclif, and runs it. */
import type { PackageDescription } from './package-description.js';
import { Config, Plugin, normalizeArgv, run } from './oclif.js';
import { unknownCommand } from './usage-errors.js';

export interface DispatchOptions {
  readonly root: string;
  readonly argv: string[];
  readonly packageDescription: PackageDescription;
  readonly fromSource: boolean;
}

/** Throws what the command throws, and UNKNOWN_COMMAND when there is no such command. */
export async function dispatch(options: DispatchOptions): Promise<void> {
  const config = await loadConfig(options);
  refuseUnknownCommand(config, options.argv);
  await run(options.argv, config);
}

async function loadConfig({ root, packageDescription, fromSource }: DispatchOptions): Promise<Config> {
  // Without user and development plugins no other package.json is looked for.
  const shared = { root, pjson: packageDescription, userPlugins: false, devPlugins: false };
  if (!fromSource) return Config.load({ ...shared });
  const pjson: PackageDescription = {
    ...packageDescription,
    oclif: { ...packageDescription.oclif, commands: './commands' },
  };
  const plugin = new Plugin({ root, pjson, isRoot: true, ignoreManifest: true, name: pjson.name });
  await plugin.load();
  return Config.load({ ...shared, pjson, plugins: new Map([[plugin.name, plugin]]) });
}

/** oclif's own answer to an unknown command has another exit code and no suggestion. */
function refuseUnknownCommand(config: Config, argv: string[]): void {
  if (argv.length === 0) return;
  const helpWords = argv.filter((word) => word !== '--help');
  const [id = ''] = normalizeArgv(config, helpWords);
  if (helpWords.length === 0 || id === '--version') return;
  if (config.findCommand(id) !== undefined || config.findTopic(id) !== undefined) return;
  throw unknownCommand(
    id.split(':'),
    config.commands.filter((command) => !command.hidden).map((command) => command.id),
  );
}
