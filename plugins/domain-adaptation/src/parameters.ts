/** Parameters that several stages share. */
import { Divergence } from "@relent/divergence"
import { Count, NonNegative, orElse, Positive } from "@relent/named"
import { Schema } from "effect"
import { defaultEpsilon } from "./loss/class-ratio.ts"

/** Plain gradient descent. */
export const descent = {
  steps: orElse(Count, 3000),
  learningRate: orElse(Positive, 2),
  every: orElse(Count.annotate({ description: "steps between two metrics and checkpoints" }), 500),
}

const Lambda = Schema.Struct({ entropy: NonNegative, prior: NonNegative }).check(
  Schema.makeFilter(({ entropy, prior }) => entropy + prior > 0 || "wants one of the two above 0"),
)

/** What source-free adaptation minimises. */
export const adaptation = {
  lambda: orElse(Lambda.annotate({ description: "weights of the two losses" }), { entropy: 1, prior: 1 }),
  classWeights: Schema.Array(NonNegative).annotate({
    description: "weights of the classes' entropy, background first",
  }),
  divergence: orElse(Divergence.having(), "reverse-kl"),
  ratio: orElse(Schema.Literals(["mean", "max-normalised"]), "mean" as const),
  power: orElse(Positive.annotate({ description: "of the max-normalised ratio" }), 1),
  epsilon: orElse(
    Positive.check(Schema.isLessThanOrEqualTo(1e-3)).annotate({
      description: "added to the prior: what keeps an absent class finite",
    }),
    defaultEpsilon,
  ),
}
