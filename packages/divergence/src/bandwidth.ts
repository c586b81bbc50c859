/** How wide a kernel should be, from the points. */
import { checkPoints, NoPoints, type Points } from "./kernel.ts"

/** `median` of the distances between two of the points, or Silverman's width for densities that are nearly normal. */
export const bandwidthRules = ["median", "silverman"] as const
export type Bandwidth = number | (typeof bandwidthRules)[number]

const median = ({ values, dimension: d }: Points): number => {
  const n = values.length / d
  const distances = new Float64Array((n * (n - 1)) / 2)
  let at = 0
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      let square = 0
      for (let k = 0; k < d; k++) square += (values[i * d + k]! - values[j * d + k]!) ** 2
      distances[at++] = Math.sqrt(square)
    }
  distances.sort()
  const middle = distances.length / 2
  return (distances[Math.floor(middle - 0.5)]! + distances[Math.ceil(middle - 0.5)]!) / 2
}

/** `(4 / ((d + 2) n))^(1 / (d + 4))` times the mean deviation of the coordinates. */
const silverman = ({ values, dimension: d }: Points): number => {
  const n = values.length / d
  let deviations = 0
  for (let k = 0; k < d; k++) {
    let mean = 0
    for (let i = 0; i < n; i++) mean += values[i * d + k]! / n
    let square = 0
    for (let i = 0; i < n; i++) square += (values[i * d + k]! - mean) ** 2 / (n - 1)
    deviations += Math.sqrt(square) / d
  }
  return (4 / ((d + 2) * n)) ** (1 / (d + 4)) * deviations
}

/**
 * The width that a rule gives for points `[n, d]`, n at least 2; a number is itself. Throws `NoPoints` where it would be 0.
 *
 * @reference garreau2017median silverman1986
 *
 * ```ts example
 * import { bandwidth } from "@relent/divergence"
 * bandwidth("median", { values: [0, 1, 3], dimension: 1 }) // => 2
 * ```
 */
export const bandwidth = (rule: Bandwidth, points: Points): number => {
  if (typeof rule === "number") return rule
  checkPoints("points", points)
  const sigma = points.values.length < 2 * points.dimension ? 0 : { median, silverman }[rule](points)
  if (sigma === 0)
    throw new NoPoints({ argument: "points", reason: `by the rule '${rule}' their kernel has the width 0` })
  return sigma
}
