/** Preferences between answers of a policy, by a reward that stays behind. */
import { sigmoid } from "@relent/divergence"
import { Count, orElse, Positive } from "@relent/named"
import { Pairs, Policy, Preferences, Rewards, startOf, type Samples, Tabular, vocabularyOf } from "@relent/sequence"
import { sample } from "@relent/sequence/policies"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"
import { preferencesOf } from "./preference/preferences.ts"
import { rewardsOf, sampleRewards } from "./rewards.ts"

interface Row {
  readonly prompt: ReadonlyArray<number>
  readonly chosen: ReadonlyArray<number>
  readonly rejected: ReadonlyArray<number>
  readonly weight: number
}
const table = (rows: ReadonlyArray<Row>) => Pairs.fromRows(rows.map((row, id) => ({ id, ...row })))

const tokensOf = ({ length, tokens, lengths }: Samples, row: number) =>
  Array.from(tokens.subarray(row * length, row * length + lengths[row]!))

/**
 * Pairs of a policy's answers, labelled by Bradley–Terry, `Pr(i beats j) = sigmoid(scale (r_i - r_j))`, or by a table of preferences.
 * `every` gives each ordered pair of a tabular policy's answers once, weighed by its probability: the population.
 *
 * @reference bradley1952
 */
export const preferencePairs = Stage.make("rlhf/preference-pairs", {
  module: import.meta.url,
  title: "Pairs of answers, one preferred, by a reward or a table of preferences",
  uses: ["backend", "random"],
  parameters: {
    pairs: orElse(Count.annotate({ description: "pairs drawn a context" }), 2000),
    scale: orElse(Positive.annotate({ description: "of the reward: how sure the labels are" }), 1),
    how: orElse(
      Schema.Literals(["drawn", "every"]).annotate({
        description: "pairs from the policy, or each pair of a tabular policy's answers with its probability as weight",
      }),
      "drawn" as const,
    ),
  },
  inputs: { policy: Policy, reward: Port.optional(Rewards), preferences: Port.optional(Preferences) },
  outputs: { pairs: Pairs },
  *run({ parameters: { pairs: count, scale, how }, inputs: { policy, reward, preferences }, random }) {
    if ((reward === undefined) === (preferences === undefined))
      return yield* new StageError({
        message: `there are ${reward === undefined ? "neither rewards nor preferences" : "rewards and preferences"}`,
        hint: "give one of the two",
      })
    const beats = preferences === undefined ? undefined : yield* preferencesOf(preferences, policy)
    const r = reward === undefined ? undefined : yield* rewardsOf(reward, policy, false)
    if (how === "every") {
      if (policy.kind !== "tabular")
        return yield* new StageError({
          message: `every pair of a ${policy.kind} policy's sequences can't be listed`,
          hint: "say how: drawn",
        })
      const { contexts, answers } = policy
      const pi = Tabular.logProbabilities(policy).map(Math.exp)
      const rows = Array.from({ length: contexts * answers ** 2 }, (_, k): Row => {
        const c = Math.floor(k / answers ** 2)
        const [i, j] = [Math.floor(k / answers) % answers, k % answers]
        const p = r === undefined ? beats![k]! : sigmoid(scale * (r[c * answers + i]! - r[c * answers + j]!))
        const weight = pi[c * answers + i]! * pi[c * answers + j]! * p
        return { prompt: [c], chosen: [i], rejected: [j], weight }
      })
      return { pairs: table(rows) }
    }
    const rows: Array<Row> = []
    for (let c = 0; c < policy.contexts; c++) {
      const [first, second] = yield* Effect.all([
        sample(policy, c, count, (i) => random("first", c, i)),
        sample(policy, c, count, (i) => random("second", c, i)),
      ])
      const gains = r === undefined ? undefined : [first, second].map((s) => sampleRewards(policy, r, s))
      for (let i = 0; i < count; i++) {
        const [a, b] = [tokensOf(first, i), tokensOf(second, i)]
        const p =
          gains === undefined
            ? beats![(c * vocabularyOf(policy) + a[0]!) * vocabularyOf(policy) + b[0]!]!
            : sigmoid(scale * (gains[0]![i]! - gains[1]![i]!))
        const isFirst = random("label", c, i).uniform() < p
        rows.push({
          prompt: [policy.kind === "tabular" ? c : startOf(policy)],
          chosen: isFirst ? a : b,
          rejected: isFirst ? b : a,
          weight: 1,
        })
      }
      yield* Effect.yieldNow
    }
    return { pairs: table(rows) }
  },
})
