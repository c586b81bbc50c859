/** Gradients by the logits of a tabular policy, in expectation and from samples. */
import { Tabular } from "@relent/sequence"

/** `r - beta D(pi0 || pi)` is to be maximised, `D` by its charge: the derivative of D by the probability of an answer. */
export interface Objective {
  readonly contexts: number
  readonly answers: number
  /** `[contexts, answers]`, like all tables here. */
  readonly logPrior: Float64Array
  readonly reward: Float64Array
  readonly beta: number
  /** What an answer costs at `logT = log pi - log pi0`; for KL(pi || pi0) it is `logT`, k1. */
  readonly charge: (logT: number) => number
}

/** `r - beta charge(log pi - log pi0)`, what each answer is worth; 0 for one that is never given. */
export const worth = (logPi: Float64Array, { logPrior, reward, beta, charge }: Objective): Float64Array =>
  logPi.map((l, i) => {
    if (l === -Infinity) return 0
    return beta === 0 ? reward[i]! : reward[i]! - beta * charge(l - logPrior[i]!)
  })

/** `E_pi[w grad log pi]` by the logits of one context: `pi (w - E_pi w)`. */
export const scoreGradient = (pi: Float64Array, w: Float64Array): Float64Array => {
  const mean = pi.reduce((sum, p, a) => sum + p * w[a]!, 0)
  return pi.map((p, a) => p * (w[a]! - mean))
}

const eachContext = ({ contexts, answers }: Objective, f: (context: number) => Float64Array): Float64Array => {
  const out = new Float64Array(contexts * answers)
  for (let c = 0; c < contexts; c++)
    out.set(
      f(c).map((g) => g / contexts),
      c * answers,
    )
  return out
}

/** The gradient of the mean objective over contexts, exact where the charge is D's own derivative. */
export const exactGradient = (logPi: Float64Array, objective: Objective): Float64Array => {
  const w = worth(logPi, objective)
  const row = (values: Float64Array, c: number) => Tabular.row(values, objective.answers, c)
  return eachContext(objective, (c) => scoreGradient(row(logPi, c).map(Math.exp), row(w, c)))
}

/**
 * The same from answers sampled by the policy, `(1/B) sum_i A_i grad log pi(x_i)` a context. `A_i = w_i`, or `w_i` less the
 * mean of the others: unbiased both, and the second is 0 for every sample where all answers are worth the same, as at the
 * posterior. `sampled` gives the answers of a context.
 *
 * @reference williams1992simple
 * @reference kool2019buy
 */
export const sampledGradient = (
  logPi: Float64Array,
  objective: Objective,
  sampled: (context: number) => Int32Array,
  baseline: "leave-one-out" | "none",
): Float64Array => {
  const { answers } = objective
  const all = worth(logPi, objective)
  return eachContext(objective, (c) => {
    const drawn = sampled(c)
    const B = drawn.length
    const share = new Float64Array(answers)
    for (const a of drawn) share[a]! += 1 / B
    const w = Tabular.row(all, answers, c)
    const mean = share.reduce((sum, n, a) => sum + n * w[a]!, 0)
    // w_i - sum_(j != i) w_j / (B - 1) = (w_i - mean) B / (B - 1)
    const advantage = (a: number) => (baseline === "none" ? w[a]! : ((w[a]! - mean) * B) / (B - 1))
    const weighted = share.map((n, a) => n * advantage(a))
    const total = weighted.reduce((sum, g) => sum + g, 0)
    return weighted.map((g, a) => g - total * Math.exp(logPi[c * answers + a]!))
  })
}
