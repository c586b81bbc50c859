/** Proximal policy optimisation of any policy, with a table as the critic: a value for each place and token before it. */
import { k1, k3 } from "@relent/divergence"
import type { Descent } from "@relent/nn/float64"
import { concat, lengthOf, pick, type Policy, type Samples, startOf, vocabularyOf } from "@relent/sequence"
import { parametersOf, sample, score, tokenLogProbabilities } from "@relent/sequence/policies"
import { Effect } from "effect"
import { tokenRewards } from "../rewards.ts"
import type { Computed, Setting, Update } from "./learner.ts"
import { clippedLoss, generalisedAdvantages, type Rollout, whitened } from "./ppo.ts"

/** Where in the critic's table each token's value stands: by its place and the token before, or by its context. */
const places = (policy: Policy, { contexts, length, tokens, lengths }: Samples): Int32Array => {
  const V = vocabularyOf(policy)
  const out = new Int32Array(tokens.length)
  lengths.forEach((n, row) => {
    for (let t = 0; t < n; t++)
      out[row * length + t] =
        policy.kind === "tabular" ? contexts[row]! : t * V + (t === 0 ? startOf(policy) : tokens[row * length + t - 1]!)
  })
  return out
}

const rowsOf = (values: Float64Array, length: number, rows: ArrayLike<number>) => {
  const out = new Float64Array(rows.length * length)
  Array.from(rows).forEach((row, i) => out.set(values.subarray(row * length, (row + 1) * length), i * length))
  return out
}

/** The updates of a step: `epochs * minibatches` of them on one rollout. @reference schulman2017ppo */
export const ppoUpdates = (setting: Setting, from: Policy, policyAt: (state: Descent) => Computed<Policy>) => {
  const { parameters, prior, reward, random } = setting
  const { beta, batch, klEstimator } = parameters
  const { epochs, minibatches, gamma, lam, ...clipping } = parameters.ppo
  const logits = parametersOf(from)
  const cells = from.kind === "tabular" ? from.contexts : lengthOf(from) * vocabularyOf(from)
  const charge = klEstimator === "k3" ? k3.penalty : k1.penalty
  const valuesAt = ({ parameters: all }: Descent, at: Int32Array) =>
    Float64Array.from(at, (cell) => all[logits.length + cell]!)

  const updates = (state: Descent, step: number): Computed<ReadonlyArray<Update>> =>
    Effect.gen(function* () {
      const policy = yield* policyAt(state)
      const drawn = concat(
        ...(yield* Effect.forEach(Array.from({ length: policy.contexts }), (_, c) =>
          sample(policy, c, batch, (i) => random("rollout", step, c, i)),
        )),
      )
      const at = places(policy, drawn)
      const [logs, before] = yield* Effect.all([
        tokenLogProbabilities(policy, drawn),
        tokenLogProbabilities(prior, drawn),
      ])
      // each token pays for leaving the prior; the score of the sequence comes with its last token
      const gains = tokenRewards(policy, reward, drawn)
      const paid = logs.map((l, i) => (beta === 0 ? 0 : -beta * charge(l - before[i]!)))
      drawn.lengths.forEach((n, row) => {
        const first = row * drawn.length
        let total = 0
        for (let t = 0; t < n; t++) total += gains[first + t]!
        paid[first + n - 1]! += total
        for (let t = n; t < drawn.length; t++) paid[first + t] = 0
      })
      const values = valuesAt(state, at)
      const raw = generalisedAdvantages(drawn, paid, values, gamma, lam)
      const old: Rollout = {
        logs,
        values,
        returns: raw.map((a, i) => a + values[i]!),
        advantages: whitened(drawn, raw),
      }
      const rows = drawn.lengths.length
      const size = rows / minibatches
      return Array.from({ length: epochs * minibatches }, (_, k): Update => {
        const order = random("order", step, Math.floor(k / minibatches)).permutation(rows)
        const part = order.subarray((k % minibatches) * size, ((k % minibatches) + 1) * size)
        const own = (x: Float64Array) => rowsOf(x, drawn.length, part)
        const samples = pick(drawn, part)
        const cellsOf = places(policy, samples)
        const rollout = {
          logs: own(old.logs),
          values: own(old.values),
          returns: own(old.returns),
          advantages: own(old.advantages),
        }
        return (now) =>
          Effect.gen(function* () {
            const current = yield* policyAt(now)
            const { byLog, byValue } = clippedLoss(
              samples,
              rollout,
              yield* tokenLogProbabilities(current, samples),
              valuesAt(now, cellsOf),
              clipping,
            )
            const gradient = new Float64Array(logits.length + cells)
            gradient.set(yield* score(current, samples, byLog))
            byValue.forEach((g, i) => (gradient[logits.length + cellsOf[i]!]! += g))
            return gradient
          })
      })
    })
  const first = new Float64Array(logits.length + cells)
  first.set(logits)
  return { first, perStep: epochs * minibatches, updates }
}
