/** Adaptation to pixels without labels and without the source. */
import { Port, Stage } from "@relent/stage"
import { descend, descentMetrics } from "./descent.ts"
import { sourceFreeLoss } from "./loss/source-free.ts"
import { adaptation, descent } from "./parameters.ts"
import { attempt, checkClasses } from "./prediction.ts"
import { classes, predict, SigmoidModel, throughModel } from "./sigmoid.ts"
import { checkShares, ClassRatio, pixels } from "./tables.ts"

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
    ...adaptation,
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
