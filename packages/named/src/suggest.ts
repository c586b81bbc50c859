/** What somebody may have meant by a name that isn't known. */

/** Edits (insert, delete, replace) between two words: Levenshtein's distance. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= b.length; j++)
      row[j] = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
  }
  return row[b.length]!
}

/**
 * The end of a sentence about an unknown name: the nearest known one, or all of them.
 *
 * ```ts example
 * import { suggest } from "@relent/named"
 * suggest("jensen-shanon", ["kl", "jensen-shannon"], "divergence") // => "did you mean 'jensen-shannon'?"
 * suggest("wasserstein", ["kl", "renyi"], "divergence") // => "no such divergence; there is kl, renyi"
 * ```
 */
export const suggest = (wrong: string, known: ReadonlyArray<string>, what: string): string => {
  const word = wrong.slice(0, 100) // a name from a hostile document costs no more than this
  const near = known.map((name) => [distance(word, name), name] as const).toSorted(([a], [b]) => a - b)[0]
  if (near === undefined) return `there is no ${what}`
  return near[0] <= Math.max(2, word.length / 4)
    ? `did you mean '${near[1]}'?`
    : `no such ${what}; there is ${known.join(", ")}`
}
