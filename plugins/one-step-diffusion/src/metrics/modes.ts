/** Which modes samples belong to. */
import type { IsotropicMixture } from "../isotropic-mixture.ts"
import { countOf, type Rows } from "./frechet.ts"

/** The component whose mean is nearest to each row, and how near that is in its deviations. */
export const nearestModes = (rows: Rows, { means, deviations, dimension }: IsotropicMixture) => {
  const n = countOf(rows)
  const mode = new Int32Array(n)
  const distance = new Float64Array(n).fill(Number.POSITIVE_INFINITY)
  for (let i = 0; i < n; i++)
    deviations.forEach((_, k) => {
      let square = 0
      for (let j = 0; j < dimension; j++) square += (rows.values[i * dimension + j]! - means[k * dimension + j]!) ** 2
      if (Math.sqrt(square) < distance[i]!) {
        distance[i] = Math.sqrt(square)
        mode[i] = k
      }
    })
  return { mode, deviations: distance.map((d, i) => d / deviations[mode[i]!]!) }
}

/** How often each of some modes occurs. */
export const sharesOf = (mode: Int32Array, modes: number): Float64Array => {
  const shares = new Float64Array(modes)
  for (const k of mode) shares[k]! += 1 / mode.length
  return shares
}

/** Half the sum of differences of two rows of shares: in [0, 1]. */
export const totalVariation = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, v, k) => sum + Math.abs(v - b[k]!), 0) / 2

/** How many modes have more than a quarter of their weight. */
export const coveredModes = (shares: Float64Array, weights: Float64Array): number =>
  shares.reduce((count, s, k) => count + (s > weights[k]! / 4 ? 1 : 0), 0)
