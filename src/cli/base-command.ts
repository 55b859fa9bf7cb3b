/** What every CLI command has: the global flags, and one way to print a result as text or JSON. */
import { Command, boolean } from './oclif.js';
import { jsonText, writeMessage, writeOut } from './output.js';
import { createTheme, type Theme } from './theme.js';

const GLOBAL_GROUP = 'global';

/** Flags that every command has. */
export const globalFlags = {
  json: boolean({ summary: 'Print JSON: data on stdout, an error as one object on stderr.', helpGroup: GLOBAL_GROUP }),
  debug: boolean({ summary: 'Show the stack of an error.', helpGroup: GLOBAL_GROUP }),
  'no-color': boolean({ summary: 'Print without colour; NO_COLOR does the same.', helpGroup: GLOBAL_GROUP }),
};

/**
 * Errors are not handled here: they travel to `runCli`, which renders every error the same way.
 * oclif's own `--json` is not used: it prints nothing for 0, null, "" and false, and puts errors on stdout.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = globalFlags;

  private cachedTheme: Theme | undefined;

  /** Colours for stdout. */
  protected get theme(): Theme {
    this.cachedTheme ??= createTheme(process.stdout);
    return this.cachedTheme;
  }

  protected override catch(error: Error): Promise<never> {
    return Promise.reject(error);
  }

  /** Prints the JSON of a value, or its text. `text` is only made when it is printed, and ends without a line feed. */
  protected async print(asJson: boolean, value: unknown, text: () => string): Promise<void> {
    await writeOut(`${asJson ? jsonText(value) : text()}\n`);
  }

  /** A message that is not data, on stderr. */
  protected note(text: string): void {
    writeMessage(text);
  }
}
