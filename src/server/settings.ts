/** The settings of a running node: told by CONFIG GET, changed by CONFIG SET. */
import type { SettingsPort } from '../command-table/observation.js';
import { parameterNamed, parameters, type Parameter } from '../config/parameters.js';
import { ParameterError } from '../config/parameter-values.js';
import type { ServerConfig } from '../config/server-config.js';
import type { Instance } from './instance.js';

function failure(name: string, reason: string): string {
  return `ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`;
}

export class Settings implements SettingsPort {
  constructor(private readonly instance: Instance) {}

  *list(): Iterable<readonly [string, string]> {
    const { config, port, tlsPort } = this.instance;
    const effective = { ...config, port, tls: config.tls && { ...config.tls, port: tlsPort } };
    for (const { name, read } of parameters) yield [name, read(effective)];
  }

  change(pairs: readonly (readonly [name: string, value: string])[]): string | undefined {
    const changes: Partial<ServerConfig> = {};
    const seen = new Set<Parameter>();
    for (const [name] of pairs) {
      const refusal = this.refusalOf(name, seen);
      if (refusal !== undefined) return refusal;
    }
    for (const [name, text] of pairs) {
      try {
        Object.assign(changes, parameterNamed(name)?.change?.(text, { ...this.instance.config, ...changes }));
      } catch (error) {
        if (!(error instanceof ParameterError)) throw error;
        return failure(name, error.message);
      }
    }
    this.instance.configure(changes);
    return undefined;
  }

  private refusalOf(name: string, seen: Set<Parameter>): string | undefined {
    const parameter = parameterNamed(name);
    if (parameter === undefined) return `ERR Unknown option or number of arguments for CONFIG SET - '${name}'`;
    if (parameter.change === undefined) return failure(name, "can't set immutable config");
    if (seen.has(parameter)) return failure(name, 'duplicate parameter');
    seen.add(parameter);
    return undefined;
  }
}
