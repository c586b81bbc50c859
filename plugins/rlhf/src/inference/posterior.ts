/** The posterior: prior pi0, evidence exp(r / beta). */
import {
  makeMarkovTarget,
  makeTarget,
  type Policy,
  stepTilt,
  Tabular,
  type TabularPolicy,
  type TabularTarget,
  type Target,
  vocabularyOf,
} from "@relent/sequence"

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

/** The same of any policy; over sequences `reward` is of steps, `[vocabulary, vocabulary]`, and r their sum. */
export const posteriorOf = (prior: Policy, reward: Float64Array, beta: number): Target => {
  if (prior.kind === "tabular") return posterior(prior, reward, beta)
  const tilt = stepTilt(
    vocabularyOf(prior),
    reward.map((r) => r / beta),
  )
  return prior.kind === "markov"
    ? makeMarkovTarget(prior, tilt)
    : { kind: "autoregressive", contexts: 1, prior, tilt, exact: false }
}
