/** The posterior: prior pi0, evidence exp(r / beta). */
import { makeTarget, Tabular, type TabularPolicy, type TabularTarget } from "@relent/sequence"

/**
 * `w(x) = pi0(x) exp(r(x) / beta)`, `Z = sum w`, `pi* = w / Z`, in log space. `reward` is `[contexts, answers]`, beta > 0.
 * Throws `NotADistribution` where Z is 0 or `r / beta` is more than float64 holds.
 *
 * @reference korbak2022rl
 */
export const posterior = (prior: TabularPolicy, reward: Float64Array, beta: number): TabularTarget =>
  makeTarget(
    prior.contexts,
    prior.answers,
    Tabular.logProbabilities(prior).map((logPrior, i) => logPrior + reward[i]! / beta),
  )
