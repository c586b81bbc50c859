/** A model trained on labelled pixels: the source. */
import { NonNegative, orElse } from "@relent/named"
import { Port, Stage } from "@relent/stage"
import { descend, descentMetrics } from "./descent.ts"
import { descent } from "./parameters.ts"
import { predict, SigmoidModel, throughModel } from "./sigmoid.ts"
import { checkLabels, labelledPixels } from "./tables.ts"

/**
 * Cross-entropy with the labels + weightDecay / 2 slope^2, from the model that knows nothing. By the foreground's logit: m_i s_i1 - f_i.
 *
 * @reference bateson2021sourcefree
 */
export const sigmoidFit = Stage.make("domain-adaptation/sigmoid-fit", {
  module: import.meta.url,
  title: "A model fitted to labelled pixels",
  parameters: { ...descent, weightDecay: orElse(NonNegative, 0) },
  inputs: { pixels: Port.any(labelledPixels) },
  outputs: { model: SigmoidModel },
  metrics: descentMetrics,
  state: SigmoidModel,
  *run({ parameters, inputs: { pixels }, ...context }) {
    const { weightDecay } = parameters
    const { x, mass, foreground } = pixels.columns
    yield* checkLabels(mass, foreground)
    const model = yield* descend(context, { ...parameters, start: { slope: 0, intercept: 0 } }, (model) => {
      const { probability, logProbability } = predict(model, x)
      const byLogits = new Float64Array(probability.length)
      let [loss, share] = [(weightDecay / 2) * model.slope ** 2, 0]
      for (let i = 0; i < x.length; i++) {
        const [back, front] = [mass[i]! - foreground[i]!, foreground[i]!]
        loss -= back * logProbability[2 * i]! + front * logProbability[2 * i + 1]!
        byLogits[2 * i + 1] = mass[i]! * probability[2 * i + 1]! - front
        share += mass[i]! * probability[2 * i + 1]!
      }
      const { slope, intercept } = throughModel(x, byLogits)
      return { loss, foreground: share, gradient: { slope: slope + weightDecay * model.slope, intercept } }
    })
    return { model }
  },
})
