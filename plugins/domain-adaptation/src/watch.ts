/** What a user of source-free adaptation should hear of. */
import type { Segmented } from "./ratios.ts"

/** A class with prior 0 costs about 23 q: beyond this ratio more than two nats. */
const large = 0.1

/** What is odd of the start: classes that the tags deny, and of which the model sees much; each dominates its batch. */
export const oddAtStart = ({ ratios, classes }: Segmented, prior: Float64Array): ReadonlyArray<string> =>
  Array.from({ length: classes }, (_, k) => {
    const denied = ratios.filter((q, i) => i % classes === k && prior[i % prior.length] === 0 && q > large)
    const most = denied.reduce((a, q) => Math.max(a, q), 0)
    return denied.length === 0
      ? []
      : [
          `the start sees class ${k} in ${denied.length} images that are said not to have it, in up to ${most.toFixed(2)} of one, which costs about ${(23 * most).toFixed(1)} nats: are the tags right?`,
        ]
  }).flat()

/** A collapse at the end: classes of which less than a tenth of what is expected is left, member by member. */
export const collapsed = ({ ratios, classes }: Segmented, prior: Float64Array): ReadonlyArray<string> =>
  Array.from({ length: ratios.length / prior.length }, (_, m) => {
    const own = ratios.subarray(m * prior.length, (m + 1) * prior.length)
    const sum = (values: Float64Array, k: number) =>
      values.reduce((total, v, i) => (i % classes === k ? total + v : total), 0)
    return Array.from({ length: classes - 1 }, (_, i) => i + 1)
      .filter((k) => sum(own, k) < 0.1 * sum(prior, k))
      .map((k) => {
        const share = (100 * sum(own, k)) / sum(prior, k)
        return `member ${m} has collapsed: of class ${k} it sees ${share.toPrecision(2)} % of what is expected`
      })
  }).flat()
