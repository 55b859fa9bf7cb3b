/** What a figure is to reach, and whether it does. */

/** One bound at the most; neither: the figure is only told. */
export interface Goal {
  readonly atMost?: number;
  readonly atLeast?: number;
}

export type Verdict = 'ok' | 'short' | '';

export function verdictOf(value: number, { atMost, atLeast }: Goal): Verdict {
  if (atMost === undefined && atLeast === undefined) return '';
  return value <= (atMost ?? Infinity) && value >= (atLeast ?? -Infinity) ? 'ok' : 'short';
}

/** `>= 0.95`, `<= 70`. */
export function goalText({ atMost, atLeast }: Goal): string {
  if (atLeast !== undefined) return `>= ${atLeast}`;
  return atMost === undefined ? '' : `<= ${atMost}`;
}

/** The middle of the values, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
