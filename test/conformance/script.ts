/**
 * Conformance scripts: plain text, one command per line in the quoting of redis-cli, `#` comments, and directives that
 * begin with `@` (see README.md). A script is parsed once and played to each server.
 */
import { readFileSync } from 'node:fs';
import { splitWords } from './words.js';

/** How two replies are compared: byte for byte, or after what cannot be the same has been taken out. */
export type Comparison =
  | { readonly kind: 'exact' }
  /** The order of the items of a list is left open. */
  | { readonly kind: 'unordered' }
  /** Numbers and the values of `name=value` pairs are left open. */
  | { readonly kind: 'shape' }
  /** Integers may differ by this much. */
  | { readonly kind: 'within'; readonly tolerance: number }
  /** Only these fields of a map count. */
  | { readonly kind: 'fields'; readonly names: readonly string[] };

export type Step = { readonly line: number; readonly text: string } & (
  | {
      readonly kind: 'command';
      readonly words: readonly Buffer[];
      readonly replies: number;
      readonly comparison: Comparison;
      /** The server closes the connection after its replies. */
      readonly closes: boolean;
      /** The command is repeated until its reply begins with this. */
      readonly until: string | undefined;
    }
  | { readonly kind: 'raw'; readonly chunks: readonly Buffer[]; readonly replies: number | 'closed' }
  | { readonly kind: 'receive'; readonly replies: number; readonly comparison: Comparison }
  | { readonly kind: 'until-gone'; readonly key: Buffer }
  | { readonly kind: 'connection'; readonly name: string }
);

export interface Script {
  readonly name: string;
  /** The protocols that it is played in. */
  readonly protocols: readonly (2 | 3)[];
  /** Both servers ask for this password. */
  readonly password: string | undefined;
  readonly steps: readonly Step[];
}

interface Settings {
  replies: number;
  comparison: Comparison;
  closes: boolean;
  until: string | undefined;
}

const defaults = (): Settings => ({ replies: 1, comparison: { kind: 'exact' }, closes: false, until: undefined });

/** Parses one script; throws with the line's number for what it cannot read. */
class ScriptParser {
  private readonly steps: Step[] = [];
  private readonly variables = new Map<string, Buffer>();
  private protocols: readonly (2 | 3)[] = [2, 3];
  private password: string | undefined;
  /** What the directives before a command say about it. */
  private settings = defaults();

  parse(name: string, source: string): Script {
    source.split('\n').forEach((text, index) => {
      try {
        this.parseLine(text.trim(), index + 1);
      } catch (error) {
        throw new Error(`${name}:${index + 1}: ${text}`, { cause: error });
      }
    });
    return { name, protocols: this.protocols, password: this.password, steps: this.steps };
  }

  private parseLine(text: string, line: number): void {
    if (text === '' || text.startsWith('#')) return;
    const words = splitWords(text).map((word) => this.expand(word));
    if (text.startsWith('@')) {
      this.parseDirective(words[0].toString(), words.slice(1), line, text);
      return;
    }
    this.steps.push({ kind: 'command', line, text, words, ...this.settings });
    this.settings = defaults();
  }

  private expand(word: Buffer): Buffer {
    const name = /^\$(\w+)$/.exec(word.toString('latin1'))?.[1];
    return name === undefined ? word : (this.variables.get(name) ?? word);
  }

  private parseDirective(directive: string, words: readonly Buffer[], line: number, text: string): void {
    const [first = ''] = words.map(String);
    switch (directive) {
      case '@resp2':
      case '@resp3':
        this.protocols = [directive === '@resp2' ? 2 : 3];
        return;
      case '@password':
        this.password = first;
        return;
      case '@repeat':
        this.variables.set(first, Buffer.alloc(Number(words[1]), 'x'));
        return;
      case '@connection':
        this.steps.push({ kind: 'connection', line, text, name: first });
        return;
      case '@until-gone':
        this.steps.push({ kind: 'until-gone', line, text, key: words[0] });
        return;
      case '@receive':
        this.steps.push({
          kind: 'receive',
          line,
          text,
          replies: this.settings.replies,
          comparison: this.settings.comparison,
        });
        this.settings = defaults();
        return;
      case '@raw':
        this.steps.push({
          kind: 'raw',
          line,
          text,
          chunks: words.slice(1),
          replies: first === 'closed' ? first : Number(first),
        });
        return;
      default:
        this.parseSetting(directive, words.map(String));
    }
  }

  private parseSetting(directive: string, words: readonly string[]): void {
    switch (directive) {
      case '@replies':
        this.settings.replies = Number(words[0]);
        return;
      case '@closes':
        this.settings.closes = true;
        return;
      case '@until-equal':
        this.settings.until = words[0];
        return;
      case '@unordered':
      case '@shape':
        this.settings.comparison = { kind: directive === '@shape' ? 'shape' : 'unordered' };
        return;
      case '@within':
        this.settings.comparison = { kind: 'within', tolerance: Number(words[0]) };
        return;
      case '@fields':
        this.settings.comparison = { kind: 'fields', names: words };
        return;
      default:
        throw new Error(`unknown directive ${directive}`);
    }
  }
}

export function readScript(file: string, name: string): Script {
  return new ScriptParser().parse(name, readFileSync(file, 'utf8'));
}
