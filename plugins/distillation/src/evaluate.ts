/** Accuracy and calibration of every member of a model. */
import { classificationMetrics, Model, predict, rowOf } from "@relent/nn"
import { Port, Stage, StageError } from "@relent/stage"
import { Evaluation, examples, featuresOf } from "./tables.ts"

/**
 * Accuracy, negative log-likelihood (nats), Brier score, expected calibration error over 15 bins.
 *
 * @reference guo2017calibration
 */
export const evaluate = Stage.make("distillation/evaluate", {
  module: import.meta.url,
  title: "Accuracy and calibration of a model, member by member",
  uses: ["backend"],
  inputs: { model: Model, data: Port.any(examples) },
  outputs: { metrics: Evaluation },
  *run({ inputs: { model, data } }) {
    const features = yield* featuresOf(data)
    const { inputs, outputs } = rowOf(model)
    if (features.width !== inputs)
      return yield* new StageError({
        message: `the data has ${features.width} features, the model wants ${inputs}`,
        hint: "use data like that it was trained on",
      })
    const logits = yield* predict(model, features.values)
    const size = data.length * outputs
    const rows = Array.from({ length: model.members }, (_, member) => ({
      member,
      ...classificationMetrics(logits.subarray(member * size, (member + 1) * size), data.columns.label),
    }))
    return { metrics: Evaluation.fromRows(rows) }
  },
})
