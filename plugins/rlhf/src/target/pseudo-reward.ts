/** What a sample is paid for bringing a policy nearer to its target. */
import { Divergence, type FDivergence, linksAt } from "@relent/divergence"

/**
 * The paper's f is not tilted to f'(1) = 0 for the two KLs: its f' is the link less 1 for `kl` (`-1 / t`), and 1 more for `reverse-kl`
 * (`log t + 1`). A constant moves no expected gradient, but its variance, of which the paper speaks.
 *
 * @reference go2023fdpg
 */
export const paperConstant = (divergence: FDivergence): number =>
  divergence === Divergence.kl ? -1 : divergence === Divergence.reverseKl ? 1 : 0

/** `-f'(t)` at `logT = log policy - log target`; where the target is 0, `logT` infinite, the limit `-f(0)`. */
export const pseudoRewards = (divergence: FDivergence, logT: Float64Array, constant: number): Float64Array => {
  const inside = logT.filter((l) => l < Infinity)
  const { values } = linksAt(divergence, inside)
  let next = 0
  return logT.map((l) => -((l < Infinity ? values[next++]! : divergence.linkAtInfinity) + constant))
}
