/** What can be known of tabular policies: exact, in float64 and log space, one number a context. */
import {
  checkDistribution,
  Divergence,
  entropy as entropyOf,
  type FDivergence,
  logSoftmax,
  NotADistribution,
} from "@relent/divergence"
import type { Draws } from "@relent/random"
import { rowOf } from "./matrix.ts"
import { makeTabular, type TabularPolicy } from "./policy.ts"

export { makeTabular as make, rowOf as row }

const eachContext = ({ contexts }: TabularPolicy, f: (context: number) => number): Float64Array =>
  Float64Array.from({ length: contexts }, (_, context) => f(context))

/**
 * The policy of these probabilities, a row a context; an answer of probability 0 is never given. Throws `NotADistribution`
 * for a row that is none, and for rows of different lengths.
 *
 * ```ts example
 * import { Tabular } from "@relent/sequence"
 * const policy = Tabular.fromProbabilities([[0.25, 0.75]])
 * Tabular.entropy(policy)[0]!.toFixed(6) // => "0.562335"
 * ```
 */
export const fromProbabilities = (rows: ReadonlyArray<ReadonlyArray<number>>): TabularPolicy => {
  const answers = rows[0]?.length ?? 0
  rows.forEach((row, context) => {
    const argument = `context ${context}`
    checkDistribution(argument, row)
    if (row.length !== answers)
      throw new NotADistribution({ argument, reason: `it has ${row.length} answers, context 0 has ${answers}` })
  })
  return makeTabular(rows.length, answers, Float64Array.from(rows.flat(), Math.log))
}

/** `log pi(a | c)` `[contexts, answers]`, -infinity where it is 0. */
export const logProbabilities = ({ contexts, answers, logits }: TabularPolicy): Float64Array => {
  const out = new Float64Array(logits.length)
  for (let context = 0; context < contexts; context++)
    out.set(logSoftmax(rowOf(logits, answers, context)), context * answers)
  return out
}

/** `E_pi[f]` of a table `[contexts, answers]`, `[contexts]`. An answer that is never given counts nothing, even at infinity. */
export const expect = (policy: TabularPolicy, f: Float64Array): Float64Array => {
  const logPi = logProbabilities(policy)
  return eachContext(policy, (context) => {
    let total = 0
    for (let i = context * policy.answers; i < (context + 1) * policy.answers; i++) {
      const p = Math.exp(logPi[i]!)
      if (p > 0) total += p * f[i]!
    }
    return total
  })
}

/** `H(pi(. | c))` in nats, `[contexts]`. */
export const entropy = (policy: TabularPolicy): Float64Array => {
  const pi = logProbabilities(policy).map(Math.exp)
  return eachContext(policy, (context) => entropyOf(rowOf(pi, policy.answers, context)))
}

/** `D(target(. | c) || model(. | c))`, `[contexts]`, infinite where the definition says so. Throws `NotADistribution` for two shapes. */
export const between = (divergence: FDivergence, target: TabularPolicy, model: TabularPolicy): Float64Array => {
  if (target.contexts !== model.contexts || target.answers !== model.answers)
    throw new NotADistribution({
      argument: "model",
      reason: `it has ${model.contexts} contexts by ${model.answers} answers, the target ${target.contexts} by ${target.answers}`,
    })
  const [logTarget, logModel] = [logProbabilities(target), logProbabilities(model)]
  return eachContext(target, (context) =>
    divergence.betweenLogs(rowOf(logTarget, target.answers, context), rowOf(logModel, target.answers, context)),
  )
}

/** `KL(policy || other)`, `[contexts]`: the mean of `log policy - log other` over samples of the policy. */
export const kl = (policy: TabularPolicy, other: TabularPolicy): Float64Array => between(Divergence.kl, policy, other)

/** So many answers of a context, drawn independently. */
export const sample = (policy: TabularPolicy, context: number, count: number, draws: Draws): Int32Array => {
  const { answers, logits } = policy
  const pi = logSoftmax(rowOf(logits, answers, context)).map(Math.exp)
  return Int32Array.from({ length: count }, () => draws.categorical(pi))
}
