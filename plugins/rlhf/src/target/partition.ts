/** Estimates of a target's constant, from all samples so far. */
import { logSumExp } from "@relent/divergence"

/** Sums of `exp(log w - log q)` over the samples of each context, in logs, and how many they were. */
export interface Partition {
  readonly logSums: Float64Array
  readonly counts: Float64Array
}

export const noSamples = (contexts: number): Partition => ({
  logSums: new Float64Array(contexts).fill(-Infinity),
  counts: new Float64Array(contexts),
})

/**
 * The sums with the samples of one context more. Old samples stay valid, each by the proposal that gave it: Z depends on no policy.
 * With `maxZ` the largest new terms are cut so that the mean stays at or below it.
 *
 * @reference go2023fdpg
 */
export const withSamples = (
  { logSums, counts }: Partition,
  context: number,
  logWeights: Float64Array,
  maxZ = Infinity,
): Partition => {
  const [sums, numbers] = [Float64Array.from(logSums), Float64Array.from(counts)]
  numbers[context]! += logWeights.length
  const together = (terms: Float64Array) => {
    const all = new Float64Array(terms.length + 1)
    all.set(terms, 1)
    all[0] = logSums[context]!
    return logSumExp(all)
  }
  const most = Math.log(maxZ) + Math.log(numbers[context]!)
  let terms = logWeights
  if (together(terms) > most) {
    // the cut at which the sum is the largest allowed, by bisection; if the old sum alone is beyond it, nothing is added
    let [low, high] = [-1e3, terms.reduce((top, l) => Math.max(top, l), -Infinity)]
    for (let i = 0; i < 200; i++) {
      const middle = (low + high) / 2
      if (together(terms.map((l) => Math.min(l, middle))) > most) high = middle
      else low = middle
    }
    terms = terms.map((l) => Math.min(l, low))
  }
  sums[context] = Math.min(together(terms), Math.max(most, logSums[context]!))
  return { logSums: sums, counts: numbers }
}

/** `log Z` of a context as estimated; -infinity while no sample was in the support. */
export const logZEstimate = ({ logSums, counts }: Partition, context: number): number =>
  counts[context] === 0 ? -Infinity : logSums[context]! - Math.log(counts[context]!)
