/** How far a policy is from a target: exactly where that can be, and from samples of any proposal. */
import { Divergence, logSumExp } from "@relent/divergence"
import { Chain, Exact, Markov, type Policy, policyOf, Tabular, type Target } from "@relent/sequence"
import { mean } from "../mean.ts"

/** Means over contexts, in nats. */
export interface Distances {
  /** KL(target || policy) */
  readonly kl_target_policy: number
  /** KL(policy || target) */
  readonly kl_policy_target: number
  /** Null where it isn't a sum over steps, like `js`. */
  readonly tv: number | null
  /** Jensen–Shannon, at most log 2. */
  readonly js: number | null
  readonly entropy: number
  /** Probability that the policy gives what the target allows. */
  readonly support: number
}

/** By enumeration or dynamic programming; `undefined` where neither is possible. */
export const exactDistances = (policy: Policy, target: Target): Distances | undefined => {
  if (policy.kind === "tabular" && target.kind === "tabular") {
    const p = policyOf(target)
    const { kl, reverseKl, totalVariation, jensenShannon } = Divergence
    const [from, to, tv, js] = [kl, reverseKl, totalVariation, jensenShannon].map((d) =>
      mean(Tabular.between(d, p, policy)),
    ) as [number, number, number, number]
    const allowed = target.logScore.map((w) => (w === -Infinity ? 0 : 1))
    return {
      kl_target_policy: from,
      kl_policy_target: to,
      tv,
      js,
      entropy: mean(Tabular.entropy(policy)),
      support: mean(Tabular.expect(policy, allowed)),
    }
  }
  if (policy.kind !== "markov" || target.kind !== "markov") return undefined
  const { chain } = target
  const isAllowed = (s: number) => (chain.tilt.final[s] === -Infinity ? 0 : 1)
  return {
    kl_target_policy: Chain.klFrom(chain, policy),
    kl_policy_target: Chain.klTo(chain, policy),
    tv: null,
    js: null,
    entropy: Markov.entropy(policy),
    support: Chain.expectUnder(chain, policy, () => 0, isAllowed),
  }
}

/** `KL(policy || prior)`, where it is exact. */
export const exactKl = (policy: Policy, prior: Policy): number | undefined => {
  if (policy.kind === "autoregressive" || prior.kind !== policy.kind) return undefined
  return mean(Exact.kls(policy, prior))
}

/**
 * From samples of a proposal q: `KL(p || pi) ~ -log Z + mean (P / (Z q)) (log P - log pi)`, 0 where P is; `TV ~ mean |pi / q - P / (Z q)| / 2`; JS by
 * the mixture, in log space; all in `[samples]`.
 *
 * @reference go2023fdpg
 */
export const sampledDistances = (
  logQ: Float64Array,
  logPi: Float64Array,
  logW: Float64Array,
  logZ: number,
): Omit<Distances, "entropy"> => {
  const n = logQ.length
  let [from, to, tv, js, support] = [0, 0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    const logP = logW[i]! - logZ
    const [p, pi] = [Math.exp(logP - logQ[i]!), Math.exp(logPi[i]! - logQ[i]!)]
    const logM = logSumExp([logP, logPi[i]!]) - Math.LN2
    if (p > 0) {
      from += (p * (logP - logPi[i]!)) / n
      js += (p * (logP - logM)) / (2 * n)
      support += pi / n
    }
    if (pi > 0) {
      to += (pi * (logPi[i]! - logP)) / n
      js += (pi * (logPi[i]! - logM)) / (2 * n)
    }
    tv += Math.abs(pi - p) / (2 * n)
  }
  return { kl_target_policy: from, kl_policy_target: to, tv, js, support }
}
