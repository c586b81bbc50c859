/** Adaptation to pixels without labels and without the source. */
import { Divergence } from "@relent/divergence"
import { NonNegative, orElse, Positive } from "@relent/named"
import { Port, Stage } from "@relent/stage"
import { Schema } from "effect"
import { descend, descentMetrics } from "./descent.ts"
import { defaultEpsilon } from "./loss/class-ratio.ts"
import { sourceFreeLoss } from "./loss/source-free.ts"
import { descent } from "./parameters.ts"
import { attempt, checkClasses } from "./prediction.ts"
import { classes, predict, SigmoidModel, throughModel } from "./sigmoid.ts"
import { checkShares, ClassRatio, pixels } from "./tables.ts"

const Lambda = Schema.Struct({ entropy: NonNegative, prior: NonNegative }).check(
  Schema.makeFilter(({ entropy, prior }) => entropy + prior > 0 || "wants one of the two above 0"),
)

/**
 * L = lambda.entropy (weighted entropy) + lambda.prior D(prior || predicted ratio); `reverse-kl` is the paper's KL(q || tau). It sees
 * `x` and `mass` of the target, never its labels.
 *
 * @reference bateson2021sourcefree
 */
export const sourceFreeFit = Stage.make("domain-adaptation/source-free-fit", {
  module: import.meta.url,
  title: "A model adapted by low entropy and an expected class ratio",
  parameters: {
    ...descent,
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
  },
  inputs: { pixels: Port.any(pixels), start: SigmoidModel, prior: ClassRatio },
  outputs: { model: SigmoidModel },
  metrics: descentMetrics,
  state: SigmoidModel,
  *run({ parameters, inputs: { pixels, start, prior }, ...context }) {
    const { x, mass } = pixels.columns
    yield* checkShares(mass)
    yield* attempt(() => {
      checkClasses("class weights", parameters.classWeights, classes)
      checkClasses("prior ratios", prior, classes)
    })
    const model = yield* descend(context, { ...parameters, start }, (model) => {
      const { value, ratio, gradient } = sourceFreeLoss(parameters, predict(model, x), mass, prior)
      return { loss: value, foreground: ratio[1]!, gradient: throughModel(x, gradient) }
    })
    return { model }
  },
})
