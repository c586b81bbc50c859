/** What is logged of a policy while it learns: enumerated, or by dynamic programming. */
import { Column, type Row } from "@relent/arrow"
import { Divergence, type FDivergence, k1, k3 } from "@relent/divergence"
import {
  Chain,
  Markov,
  type MarkovPolicy,
  policyOf,
  Tabular,
  type TabularPolicy,
  makeMarkovTarget,
  stepTilt,
} from "@relent/sequence"
import { mean } from "../mean.ts"
import { elbo } from "./evidence.ts"
import { posterior } from "./posterior.ts"

/** Means over contexts, in nats where logarithms occur. The posterior and all about it are null for beta 0. */
export const progressMetrics = {
  reward: Column.float64,
  /** `reward - beta D(prior || policy)`, what is maximised; null over sequences for another D than KL(policy || prior). */
  objective: Column.nullable(Column.float64),
  /** E_policy[k1] = KL(policy || prior). */
  kl_k1: Column.float64,
  /** E_policy[k3]: the same, less the prior's mass on answers that the policy never gives; null over sequences where it isn't known. */
  kl_k3: Column.nullable(Column.float64),
  elbo: Column.nullable(Column.float64),
  entropy: Column.float64,
  logZ: Column.nullable(Column.float64),
  /** KL(policy || posterior), by the divergence, not by the difference of the two above. */
  kl_to_target: Column.nullable(Column.float64),
  /** `|elbo + kl_to_target - logZ|`, the largest of the contexts: rounding, or a bug. */
  residual: Column.nullable(Column.float64),
  /** Enumerated or by dynamic programming, not estimated. */
  exact: Column.bool,
}

/** What is measured at a step. */
export type Progress = Row<typeof progressMetrics>

export interface Problem<P> {
  readonly prior: P
  /** `[contexts, answers]`, or of steps. */
  readonly reward: Float64Array
  readonly beta: number
  readonly divergence: FDivergence
}
export type Penalised = Problem<TabularPolicy>

const none = { elbo: null, logZ: null, kl_to_target: null, residual: null }

const ofPosterior = ({ prior, reward, beta }: Penalised) => {
  if (beta === 0) return () => none
  const target = posterior(prior, reward, beta)
  return (policy: TabularPolicy) => {
    const lower = elbo(policy, target)
    const distance = Tabular.between(Divergence.reverseKl, policyOf(target), policy)
    const residuals = lower.map((l, context) => Math.abs(l + distance[context]! - target.logZ[context]!))
    return {
      elbo: mean(lower),
      logZ: mean(target.logZ),
      kl_to_target: mean(distance),
      residual: Math.max(...residuals),
    }
  }
}

/** Measures policies. Throws `NotADistribution` where there is no posterior. */
export const progressOf = (problem: Penalised) => {
  const { prior, reward, beta, divergence } = problem
  const evidence = ofPosterior(problem)
  const logPrior = Tabular.logProbabilities(prior)
  return (policy: TabularPolicy): Progress => {
    const logT = Tabular.logProbabilities(policy).map((l, i) => l - logPrior[i]!)
    const gain = mean(Tabular.expect(policy, reward))
    return {
      reward: gain,
      objective: beta === 0 ? gain : gain - beta * mean(Tabular.between(divergence, prior, policy)),
      kl_k1: mean(Tabular.expect(policy, logT.map(k1.penalty))),
      kl_k3: mean(Tabular.expect(policy, logT.map(k3.penalty))),
      entropy: mean(Tabular.entropy(policy)),
      ...evidence(policy),
      exact: true,
    }
  }
}

/** The same of Markov policies, by dynamic programming. */
export const sequenceProgressOf = ({ prior, reward, beta, divergence }: Problem<MarkovPolicy>) => {
  const { chain } =
    beta === 0
      ? { chain: undefined }
      : makeMarkovTarget(
          prior,
          stepTilt(
            prior.vocabulary,
            reward.map((r) => r / beta),
          ),
        )
  return (policy: MarkovPolicy): Progress => {
    const [gain, distance] = [Markov.expect(policy, reward), Markov.kl(policy, prior)]
    const isKl = beta === 0 || divergence === Divergence.reverseKl
    const evidence = () => {
      if (chain === undefined) return none
      const [lower, gap] = [Chain.elboOf(chain, policy), Chain.klTo(chain, policy)]
      return {
        elbo: lower,
        logZ: chain.logZ,
        kl_to_target: gap,
        residual: Math.abs(lower + gap - chain.logZ),
      }
    }
    return {
      reward: gain,
      objective: isKl ? gain - (beta === 0 ? 0 : beta * distance) : null,
      kl_k1: distance,
      // E_pi[pi0 / pi] is the prior's mass on what the policy gives: all of it where no logit is -infinity
      kl_k3: policy.logits.every(Number.isFinite) ? distance : null,
      entropy: Markov.entropy(policy),
      ...evidence(),
      exact: true,
    }
  }
}
