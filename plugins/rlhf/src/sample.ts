/** What a policy gives, to be read. */
import { Column, TableSchema } from "@relent/arrow"
import { Count, orElse, Positive } from "@relent/named"
import { pick, Policy, startOf, Target, tokenisers, type Samples } from "@relent/sequence"
import { sample as sampleOf } from "@relent/sequence/policies"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"
import { logProbabilities } from "./preference/pair-loss.ts"
import { ofTarget } from "./refuse.ts"
import { logScores } from "./target/score.ts"

/** Sequences with their log-probabilities under the policy that gave them. */
const Sequences = TableSchema.make("rlhf/sequences", 1, {
  id: Column.int32,
  context: Column.int32,
  tokens: Column.list("int32"),
  /** The tokens as text; their numbers where the policy isn't over characters. */
  text: Column.utf8,
  logp: Column.float64,
})

/**
 * Sequences of a policy; with a target, those of them that quasi-rejection sampling keeps, each with probability
 * `min(1, P(x) / (bound q(x)))`: nearer to the target the larger the bound, and fewer.
 *
 * @reference eikema2022approximate
 */
export const sample = Stage.make("rlhf/sample", {
  module: import.meta.url,
  title: "Samples of a policy, as tokens and text",
  uses: ["backend", "random"],
  parameters: {
    samples: orElse(Count.annotate({ description: "drawn a context" }), 16),
    tokeniser: orElse(
      Schema.Literals(["letters", "bytes", "none"]).annotate({ description: "how tokens are read" }),
      "letters" as const,
    ),
    bound: orElse(Positive.annotate({ description: "of P / q, where there is a target" }), 1),
  },
  inputs: { policy: Policy, target: Port.optional(Target) },
  outputs: { samples: Sequences },
  *run({ parameters: { samples: count, tokeniser: name, bound }, inputs: { policy, target }, random }) {
    if (target !== undefined) yield* ofTarget("policy", policy, target)
    const tokeniser = policy.kind === "tabular" ? undefined : tokenisers.find((t) => t.name === name)
    const read = (tokens: ReadonlyArray<number>) =>
      tokeniser === undefined
        ? tokens.join(" ")
        : tokeniser.decode(policy.kind === "tabular" ? tokens : [startOf(policy), ...tokens])
    const rows: Array<{ context: number; tokens: ReadonlyArray<number>; text: string; logp: number }> = []
    for (let context = 0; context < policy.contexts; context++) {
      const drawn = yield* sampleOf(policy, context, count, (i) => random("sample", context, i))
      const logs = yield* logProbabilities(policy, drawn)
      const kept = target === undefined ? undefined : yield* logScores(target, drawn)
      const isKept = (i: number) =>
        kept === undefined ||
        random("keep", context, i).uniform() < Math.exp(Math.min(0, kept[i]! - Math.log(bound) - logs[i]!))
      const chosen = Array.from({ length: count }, (_, i) => i).filter(isKept)
      const there: Samples = pick(drawn, chosen)
      for (const [row, i] of chosen.entries()) {
        const tokens = [...there.tokens.subarray(row * there.length, row * there.length + there.lengths[row]!)]
        const text = yield* Effect.try({
          try: () => read(tokens),
          catch: () =>
            new StageError({ message: `tokens of the policy aren't ${name}`, hint: "say tokeniser: bytes, or none" }),
        })
        rows.push({ context, tokens, text, logp: logs[i]! })
      }
    }
    return { samples: Sequences.fromRows(rows.map((row, id) => ({ id, ...row }))) }
  },
})
