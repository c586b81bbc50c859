/** What moves a policy in `kl-rl`, for each kind of policy and estimator. */
import { k1, k3 } from "@relent/divergence"
import type { Descent } from "@relent/nn/float64"
import type { Source } from "@relent/random"
import { Exact, type MarkovPolicy, type Policy, rowSums, Tabular, type TabularPolicy } from "@relent/sequence"
import { parametersOf, sample, tokenLogProbabilities, withParameters } from "@relent/sequence/policies"
import { StageError } from "@relent/stage"
import type { Backend, TensorError } from "@relent/tensor"
import { Effect } from "effect"
import type { KlRl } from "../kl-rl.ts"
import { mean } from "../mean.ts"
import { distribution } from "../refuse.ts"
import { sampleRewards } from "../rewards.ts"
import { logScores } from "../target/score.ts"
import { exactGradient, type Objective, sampledGradient } from "./policy-gradient.ts"
import { posteriorOf } from "./posterior.ts"
import { ppoUpdates } from "./ppo-updates.ts"
import { type Progress, progressOf, sequenceProgressOf } from "./progress.ts"
import { advantages, exactSequenceGradient, sampledSequenceGradient } from "./sequence-gradient.ts"

export interface Setting<P extends Policy = Policy> {
  readonly parameters: KlRl
  readonly prior: P
  readonly from: Policy
  /** `[contexts, answers]`, or of steps `[vocabulary, vocabulary]`. */
  readonly reward: Float64Array
  readonly random: Source
}

export type Computed<A> = Effect.Effect<A, StageError | TensorError, Backend>
/** A gradient of what is made small, at the parameters that an update finds. */
export type Update = (state: Descent) => Computed<Float64Array>

interface Learner {
  /** Where it starts. */
  readonly first: Float64Array
  readonly perStep: number
  readonly policyAt: (state: Descent) => Computed<Policy>
  readonly updates: (state: Descent, step: number) => Computed<ReadonlyArray<Update>>
  readonly measure: (policy: Policy, step: number) => Computed<Progress>
}

const unfit = "allow an answer that the prior gives; if r / beta overflows, make beta larger"
const negative = (gradient: Float64Array) => gradient.map((g) => -g)

/** What a sample is charged at `log pi - log pi0`. */
const chargeOf = ({ klEstimator, divergence }: KlRl) =>
  klEstimator === "k3" ? k3.penalty : (logT: number) => divergence.link(logT)

/** Refuses a start whose penalty is infinite, and takes out what must not be given. */
const start = Effect.fnUntraced(function* ({ parameters, from, prior, reward }: Setting) {
  const { beta, divergence } = parameters
  const taken =
    from.kind !== "tabular"
      ? from
      : yield* distribution(
          () =>
            Tabular.make(
              from.contexts,
              from.answers,
              from.logits.map((z, i) => (reward[i] === -Infinity ? -Infinity : z)),
            ),
          "allow an answer that it gives",
        )
  const distances =
    taken.kind === "tabular" && prior.kind === "tabular"
      ? Tabular.between(divergence, prior, taken)
      : taken.kind === "markov" && prior.kind === "markov"
        ? Exact.kls(taken, prior)
        : new Float64Array(1)
  const infinite = distances.indexOf(Infinity)
  if (beta > 0 && infinite >= 0)
    return yield* new StageError({
      message: `the penalty '${divergence.name}' is infinite at the start, in context ${infinite}`,
      hint: "start from a policy that gives the prior's answers, or take a divergence that is finite there",
    })
  return taken
})

/** The gradient of answers that can be listed. */
const tabularGradient = ({ parameters, prior, reward, random }: Setting<TabularPolicy>) => {
  const { beta, estimator, baseline, batch } = parameters
  const { contexts, answers } = prior
  const charge = chargeOf(parameters)
  const objective: Objective = { contexts, answers, logPrior: Tabular.logProbabilities(prior), reward, beta, charge }
  return (policy: TabularPolicy, step: number) => {
    const logPi = Tabular.logProbabilities(policy)
    if (estimator === "exact") return exactGradient(logPi, objective)
    const sampled = (context: number) => Tabular.sample(policy, context, batch, random("rollout", step, context))
    return sampledGradient(logPi, objective, sampled, baseline)
  }
}

/** The gradient from sequences: `w_i = r_i - beta charge(log pi - log pi0)`, without gradient. */
const sequenceGradient = ({ parameters, prior, reward, random }: Setting) => {
  const { beta, baseline, batch } = parameters
  const charge = chargeOf(parameters)
  return (policy: Policy, step: number) =>
    Effect.gen(function* () {
      const drawn = yield* sample(policy, 0, batch, (i) => random("rollout", step, i))
      const [now, before] = yield* Effect.all([
        tokenLogProbabilities(policy, drawn),
        tokenLogProbabilities(prior, drawn),
      ])
      const [logPi, logPrior] = [rowSums(drawn, now), rowSums(drawn, before)]
      const worth = sampleRewards(policy, reward, drawn).map((r, i) =>
        beta === 0 ? r : r - beta * charge(logPi[i]! - logPrior[i]!),
      )
      return yield* sampledSequenceGradient(policy, drawn, advantages(worth, baseline))
    })
}

const gradientOf = (setting: Setting) => {
  const { parameters, prior, reward } = setting
  if (prior.kind === "tabular") {
    const gradient = tabularGradient({ ...setting, prior })
    return (policy: Policy, step: number) => Effect.sync(() => gradient(policy as TabularPolicy, step))
  }
  if (parameters.estimator === "exact" && prior.kind === "markov")
    return (policy: Policy) =>
      Effect.sync(() => exactSequenceGradient(policy as MarkovPolicy, prior, reward, parameters.beta))
  return sequenceGradient(setting)
}

/** Measures from samples, where nothing better is known. */
const sampledProgress = ({ parameters, prior, reward, random }: Setting) => {
  const { beta, batch } = parameters
  const target = beta === 0 ? undefined : posteriorOf(prior, reward, beta)
  return (policy: Policy, step: number) =>
    Effect.gen(function* () {
      const drawn = yield* sample(policy, 0, batch, (i) => random("measure", step, i))
      const logPi = rowSums(drawn, yield* tokenLogProbabilities(policy, drawn))
      const logPrior = rowSums(drawn, yield* tokenLogProbabilities(prior, drawn))
      const logT = logPi.map((l, i) => l - logPrior[i]!)
      const gain = mean(sampleRewards(policy, reward, drawn))
      const lower = target === undefined ? null : mean((yield* logScores(target, drawn)).map((w, i) => w - logPi[i]!))
      return {
        reward: gain,
        objective: gain - beta * mean(logT),
        kl_k1: mean(logT.map(k1.penalty)),
        kl_k3: mean(logT.map(k3.penalty)),
        entropy: -mean(logPi),
        elbo: lower,
        logZ: null,
        kl_to_target: null,
        residual: null,
        exact: false,
      }
    })
}

const measureOf = (setting: Setting) =>
  Effect.gen(function* () {
    const { parameters, prior, from } = setting
    const problem = { reward: setting.reward, beta: parameters.beta, divergence: parameters.divergence }
    if (prior.kind === "tabular") {
      const measure = yield* distribution(() => progressOf({ ...problem, prior }), unfit)
      return (policy: Policy) => Effect.sync(() => measure(policy as TabularPolicy))
    }
    if (prior.kind === "markov" && from.kind === "markov") {
      const measure = yield* distribution(() => sequenceProgressOf({ ...problem, prior }), unfit)
      return (policy: Policy) => Effect.sync(() => measure(policy as MarkovPolicy))
    }
    return sampledProgress(setting)
  })

/** The learner of a setting. What can't be combined is refused. */
export const learnerOf = (setting: Setting): Computed<Learner> =>
  Effect.gen(function* () {
    const { parameters, prior, reward } = setting
    const { estimator, divergence } = parameters
    const isSequence = prior.kind !== "tabular"
    if (isSequence && reward.some((r) => r === -Infinity))
      return yield* new StageError({
        message: "a reward of -infinity on a step can't be learnt from samples of sequences",
        hint: "state it as a target (distributional-target) and approximate that with f-dpg",
      })
    if (isSequence && estimator === "exact" && !(prior.kind === "markov" && setting.from.kind === "markov"))
      return yield* new StageError({
        message: `the gradient of a ${setting.from.kind} policy near a ${prior.kind} prior can't be exact`,
        hint: "say estimator: reinforce, or ppo",
      })
    if (isSequence && estimator === "exact" && divergence.name !== "reverse-kl")
      return yield* new StageError({
        message: `'${divergence.name}' isn't a sum over steps, so its gradient can't be exact over sequences`,
        hint: "say estimator: reinforce, or divergence: reverse-kl",
      })
    const from = yield* start(setting)
    const measure = yield* measureOf(setting)
    const logits = parametersOf(from).length
    const policyAt = ({ parameters: all }: Descent): Computed<Policy> =>
      distribution(() => withParameters(from, all.subarray(0, logits)), "make 'learningRate' smaller")
    if (estimator === "ppo") return { ...ppoUpdates(setting, from, policyAt), policyAt, measure }
    const gradient = gradientOf(setting)
    return {
      first: parametersOf(from),
      perStep: 1,
      policyAt,
      measure,
      updates: (_, step) =>
        Effect.succeed([
          (state) =>
            Effect.gen(function* () {
              return negative(yield* gradient(yield* policyAt(state), step))
            }),
        ]),
    }
  })
