/** A classifier learnt from labels. */
import { Model, oneHotOf, softmaxCrossEntropy, TrainingState } from "@relent/nn"
import { Port, Stage } from "@relent/stage"
import { classesOf, examples, featuresOf } from "./tables.ts"
import { train, trainingMetrics, trainingParameters } from "./training.ts"

/**
 * Trains multilayer perceptrons by cross-entropy, Adam and a schedule.
 *
 * @reference none: the baseline of every method here
 */
export const trainClassifier = Stage.make("distillation/train-classifier", {
  module: import.meta.url,
  title: "A classifier from labels",
  uses: ["backend", "random"],
  parameters: trainingParameters,
  inputs: { data: Port.any(examples) },
  outputs: { model: Model },
  metrics: trainingMetrics,
  state: TrainingState,
  *run({ parameters, inputs: { data }, ...context }) {
    const features = yield* featuresOf(data)
    const labels = data.columns.label
    const classes = yield* classesOf(labels)
    const model = yield* train(context, {
      ...parameters,
      features,
      classes,
      inputs: (batch) => ({ oneHot: oneHotOf(labels, classes, batch) }),
      loss: (logits, { oneHot }) => softmaxCrossEntropy(oneHot!, logits),
    })
    return { model }
  },
})
