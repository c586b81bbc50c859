/** Gradients of `E_pi[r] - beta D(prior || pi)` for policies over sequences. */
import { Markov, type MarkovPolicy, overTokens, type Policy, type Samples } from "@relent/sequence"
import { score } from "@relent/sequence/policies"

/**
 * By dynamic programming, for KL(pi || prior): a step is worth `g - beta (log P - log P0)`, and what follows it.
 *
 * @reference korbak2022rl
 */
export const exactSequenceGradient = (
  policy: MarkovPolicy,
  prior: MarkovPolicy,
  reward: Float64Array,
  beta: number,
): Float64Array => {
  const [logP, logQ] = [Markov.logTransitions(policy), Markov.logTransitions(prior)]
  return Markov.gradientOfSteps(policy, (t, v, w) => {
    const gain = reward[v * policy.vocabulary + w]!
    if (beta === 0) return gain
    return gain - beta * (logP[Markov.rowAt(policy, t, v) + w]! - logQ[Markov.rowAt(prior, t, v) + w]!)
  })
}

/** `A_i = w_i`, or `w_i` less the mean of the others. @reference kool2019buy */
export const advantages = (worth: Float64Array, baseline: "leave-one-out" | "none"): Float64Array => {
  const B = worth.length
  const mean = worth.reduce((sum, w) => sum + w, 0) / B
  return baseline === "none" ? worth : worth.map((w) => ((w - mean) * B) / (B - 1))
}

/** `(1/B) sum_i A_i grad log pi(x_i)`. @reference williams1992simple */
export const sampledSequenceGradient = (policy: Policy, samples: Samples, advantage: Float64Array) =>
  score(
    policy,
    samples,
    overTokens(
      samples,
      advantage.map((a) => a / advantage.length),
    ),
  )
