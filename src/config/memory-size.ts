/** Sizes as Redis writes them: `64mb`, `1gb`, `512k`; kb is 1024, k is 1000. */

const UNITS: Readonly<Record<string, number | undefined>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
};

/** Bytes, or undefined for what is not a size. */
export function parseMemorySize(text: string): number | undefined {
  const match = /^(\d+)([a-z]*)$/i.exec(text);
  const unit = match === null ? undefined : UNITS[match[2].toLowerCase()];
  if (match === null || unit === undefined) return undefined;
  const sizeBytes = Number(match[1]) * unit;
  return Number.isSafeInteger(sizeBytes) ? sizeBytes : undefined;
}
