/** Delta debugging (Zeller and Hildebrandt, 2002): the fewest items of a list that still fail. */

/** `fails` is asked with ever shorter lists, until no single item can be left out, or `maxTries` are used up. */
export async function shrinkList<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
  maxTries = 400,
): Promise<readonly T[]> {
  let current = items;
  let parts = 2;
  for (let tries = 0; current.length > 1 && tries < maxTries;) {
    const size = Math.ceil(current.length / parts);
    let isShorter = false;
    for (let start = 0; start < current.length && tries < maxTries; start += size) {
      const candidate = [...current.slice(0, start), ...current.slice(start + size)];
      tries++;
      if (candidate.length === 0 || !(await fails(candidate))) continue;
      current = candidate;
      parts = Math.max(2, parts - 1);
      isShorter = true;
      break;
    }
    if (isShorter) continue;
    if (size === 1) return current;
    parts = Math.min(current.length, parts * 2);
  }
  return current;
}
