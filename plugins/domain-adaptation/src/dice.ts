/** Overlap of a segmentation with a reference. */

/**
 * 2 |A and B| / (|A| + |B|), both in [0, 1] `[pixels]`, weighted by mass; 1 where both are empty.
 *
 * ```ts example
 * import { dice } from "@relent/domain-adaptation/dice"
 * dice([1, 1, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]) // => 0.8
 * ```
 * @reference dice1945
 */
export const dice = (a: ArrayLike<number>, b: ArrayLike<number>, mass: ArrayLike<number>): number => {
  let [both, all] = [0, 0]
  for (let i = 0; i < mass.length; i++) {
    both += mass[i]! * a[i]! * b[i]!
    all += mass[i]! * (a[i]! + b[i]!)
  }
  return all === 0 ? 1 : (2 * both) / all
}
