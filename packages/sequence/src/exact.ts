/** What tabular and Markov policies have in common: log-probabilities, scores and samples, in float64. */
import { NotADistribution } from "@relent/divergence"
import type { Draws } from "@relent/random"
import * as Markov from "./markov.ts"
import { makeTabular, type ExactPolicy, lengthOf, type Policy, type TabularPolicy, vocabularyOf } from "./policy.ts"
import type { Samples } from "./samples.ts"
import * as Tabular from "./tabular.ts"

/** Throws `NotADistribution` for samples that no such policy gives: another context, token or length, or no token at all. */
export const checkSamples = (policy: Policy, { contexts, length, tokens, lengths }: Samples): void => {
  const refuse = (row: number, reason: string) => {
    throw new NotADistribution({ argument: `sequence ${row}`, reason })
  }
  const [vocabulary, most] = [vocabularyOf(policy), lengthOf(policy)]
  lengths.forEach((n, row) => {
    const context = contexts[row]!
    if (context < 0 || context >= policy.contexts)
      refuse(row, `it is of context ${context}, the policy has ${policy.contexts}`)
    if (n < 1) refuse(row, "it has no tokens")
    if (policy.kind === "autoregressive" ? n > most : n !== most)
      refuse(row, `it has ${n} tokens, the policy gives ${most}`)
    for (let t = 0; t < n; t++) {
      const token = tokens[row * length + t]!
      if (token < 0 || token >= vocabulary) refuse(row, `there is no token ${token}; the policy knows ${vocabulary}`)
    }
  })
}

const tabularLogs = (policy: TabularPolicy, { contexts, length, tokens }: Samples) => {
  const logPi = Tabular.logProbabilities(policy)
  const out = new Float64Array(tokens.length)
  contexts.forEach((c, row) => (out[row * length] = logPi[c * policy.answers + tokens[row * length]!]!))
  return out
}

const tabularScore = (policy: TabularPolicy, { contexts, length, tokens }: Samples, weights: Float64Array) => {
  const { answers, logits } = policy
  const pi = Tabular.logProbabilities(policy).map(Math.exp)
  const out = new Float64Array(logits.length)
  const totals = new Float64Array(policy.contexts)
  contexts.forEach((c, row) => {
    out[c * answers + tokens[row * length]!]! += weights[row * length]!
    totals[c]! += weights[row * length]!
  })
  return out.map((g, i) => g - totals[Math.floor(i / answers)]! * pi[i]!)
}

/** `log pi` of each token given those before it, `[rows, length]`; 0 for tokens that don't count. */
export const tokenLogProbabilities = (policy: ExactPolicy, samples: Samples): Float64Array =>
  policy.kind === "tabular" ? tabularLogs(policy, samples) : Markov.tokenLogProbabilities(policy, samples)

/** `sum_(i, t) weights[i, t] grad log pi(x_it | before)` by the logits; `weights` `[rows, length]`. */
export const score = (policy: ExactPolicy, samples: Samples, weights: Float64Array): Float64Array =>
  policy.kind === "tabular" ? tabularScore(policy, samples, weights) : Markov.score(policy, samples, weights)

/** So many sequences of a context; sequence i is drawn by `draws(i)` alone. */
export const sample = (
  policy: ExactPolicy,
  context: number,
  count: number,
  draws: (index: number) => Draws,
): Samples => {
  if (policy.kind === "markov") return Markov.sample(policy, count, draws)
  const pi = Tabular.row(Tabular.logProbabilities(policy), policy.answers, context).map(Math.exp)
  return {
    contexts: new Int32Array(count).fill(context),
    length: 1,
    tokens: Int32Array.from({ length: count }, (_, i) => draws(i).categorical(pi)),
    lengths: new Int32Array(count).fill(1),
  }
}

/** The policy with other logits, which aren't copied. Throws `NotADistribution`. */
export const withLogits = <P extends ExactPolicy>(policy: P, logits: Float64Array): P =>
  (policy.kind === "tabular"
    ? makeTabular(policy.contexts, policy.answers, logits)
    : Markov.makeMarkov({ ...policy, logits })) as P

/** Entropy in nats, a context. */
export const entropies = (policy: ExactPolicy): Float64Array =>
  policy.kind === "tabular" ? Tabular.entropy(policy) : Float64Array.of(Markov.entropy(policy))

/** `KL(policy || other)`, a context. Throws `NotADistribution` for two kinds or shapes. */
export const kls = (policy: ExactPolicy, other: ExactPolicy): Float64Array => {
  if (policy.kind === "tabular" && other.kind === "tabular") return Tabular.kl(policy, other)
  if (policy.kind === "markov" && other.kind === "markov") return Float64Array.of(Markov.kl(policy, other))
  throw new NotADistribution({ argument: "policy", reason: `it is ${policy.kind}, the other ${other.kind}` })
}
