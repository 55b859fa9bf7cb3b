/** The limits of a tenant as flags, and as the words of TENANT CREATE and LIMIT. */
import { evictionPolicies } from '../config/eviction-policy.js';
import { parseDurationMs, parseSizeBytes } from './formats.js';
import { integer, string } from './oclif.js';

const LIMITS_GROUP = 'limits';
const MS_PER_SECOND = 1000;

/** 0, and `noeviction`, lift a limit. */
export const limitFlags = {
  'max-keys': integer({ summary: 'Most keys, over all nodes.', min: 0, helpGroup: LIMITS_GROUP }),
  'max-memory': string({
    summary: 'Most memory, over all nodes: 64mb, 2gb.',
    helpValue: 'SIZE',
    helpGroup: LIMITS_GROUP,
  }),
  'max-ops': integer({ summary: 'Most commands per second, over all nodes.', min: 0, helpGroup: LIMITS_GROUP }),
  'max-connections': integer({ summary: 'Most connections to each node.', min: 0, helpGroup: LIMITS_GROUP }),
  'default-ttl': string({
    summary: 'How long keys live that are written without a time: 60, 10m, 1d.',
    helpValue: 'TIME',
    helpGroup: LIMITS_GROUP,
  }),
  evict: string({
    summary: 'How keys of its own make room; without it, writes over a limit are refused.',
    options: [...evictionPolicies],
    helpGroup: LIMITS_GROUP,
  }),
};

export interface LimitFlags {
  readonly 'max-keys'?: number | undefined;
  readonly 'max-memory'?: string | undefined;
  readonly 'max-ops'?: number | undefined;
  readonly 'max-connections'?: number | undefined;
  readonly 'default-ttl'?: string | undefined;
  readonly evict?: string | undefined;
}

/** Throws BAD_VALUE for what is no size or no time. */
export function limitWords(flags: LimitFlags): string[] {
  const { 'max-memory': memory, 'default-ttl': ttl } = flags;
  const words: readonly (readonly [string, string | number | undefined])[] = [
    ['MAXKEYS', flags['max-keys']],
    ['MAXMEMORY', memory === undefined ? undefined : parseSizeBytes(memory, '--max-memory')],
    ['MAXOPS', flags['max-ops']],
    ['MAXCONNECTIONS', flags['max-connections']],
    ['DEFAULTTTL', ttl === undefined ? undefined : secondsOf(ttl, '--default-ttl')],
    ['EVICT', flags.evict],
  ];
  return words.flatMap(([word, value]) => (value === undefined ? [] : [word, String(value)]));
}

/** Whole seconds, rounded up; 0 is let through, since it lifts a limit. */
export function secondsOf(text: string, name: string): number {
  return text.trim() === '0' ? 0 : Math.ceil(parseDurationMs(text, name) / MS_PER_SECOND);
}
