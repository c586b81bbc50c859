/** What a sequence is paid for each of its steps. */
import { orElse } from "@relent/named"
import { letters, Markov, Policy, Rewards, vocabularyOf } from "@relent/sequence"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"
import { sameSpace } from "./refuse.ts"

const Kind = Schema.Union([
  Schema.Struct({ letters: Schema.NonEmptyString }),
  Schema.Struct({ tokens: Schema.NonEmptyArray(Schema.Int) }),
  Schema.Literals(["odds", "fluency"]),
]).annotate({
  description:
    "1 for each of these letters or tokens; or of another policy's steps the odds, log other - log policy, or the fluency, log other",
})

const tiedLogs = (policy: Policy): Float64Array | undefined =>
  policy.kind === "markov" && policy.tied ? Markov.logTransitions(policy) : undefined

/**
 * Rewards of steps: a row for each token before, a column for each token. With `odds` and beta 1 the posterior is the other policy.
 *
 * @reference none: rewards of test beds
 */
export const stepReward = Stage.make("rlhf/step-reward", {
  module: import.meta.url,
  title: "Rewards of the steps of sequences",
  parameters: { reward: orElse(Kind, { letters: "aeiou" }) },
  inputs: { policy: Policy, other: Port.optional(Policy) },
  outputs: { reward: Rewards },
  *run({ parameters: { reward }, inputs: { policy, other } }) {
    const refuse = (message: string, hint: string) => Effect.fail(new StageError({ message, hint }))
    if (policy.kind === "tabular")
      return yield* refuse("a tabular policy has answers, no steps", "give its rewards as numbers")
    const V = vocabularyOf(policy)
    const table = (g: (v: number, w: number) => number) =>
      Rewards.make({
        context: Int32Array.from({ length: V }, (_, v) => v),
        reward: Float64Array.from({ length: V ** 2 }, (_, i) => g(Math.floor(i / V), i % V)),
      })
    if (typeof reward === "object") {
      const paid = "letters" in reward ? [...letters.encode(reward.letters)] : reward.tokens
      const unknown = paid.find((token) => token < 0 || token >= V)
      if (unknown !== undefined) return yield* refuse(`there is no token ${unknown}`, `the policy knows 0 to ${V - 1}`)
      return { reward: table((_, w) => (paid.includes(w) ? 1 : 0)) }
    }
    if (other === undefined) return yield* refuse(`'${reward}' is of another policy's steps`, "give the input 'other'")
    yield* sameSpace("other", other, "policy", policy)
    const [logOther, logOwn] = [tiedLogs(other), tiedLogs(policy)]
    if (logOther === undefined || (reward === "odds" && logOwn === undefined))
      return yield* refuse("steps of one table are paid, and a policy isn't a tied Markov one", "say tied: true")
    return { reward: table((v, w) => logOther[v * V + w]! - (reward === "odds" ? logOwn![v * V + w]! : 0)) }
  },
})
