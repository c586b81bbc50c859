/** A student without a teacher: it learns from labels, and from soft labels of its own making. */
import { orElse } from "@relent/named"
import { activations, coupled, initDense, type MlpShape, Model, separable, TrainingState } from "@relent/nn"
import { applyDense, type Batch, inputsOf, mlpLayers } from "@relent/nn"
import { Port, Stage, StageError } from "@relent/stage"
import { branch, tf, type Tree, within } from "@relent/tensor"
import { labelsOf } from "./labels.ts"
import { SelfLoss } from "./self-loss/self-loss.ts"
import { examples, featuresOf } from "./tables.ts"
import { trainBy, trainingMetrics, trainingParameters } from "./training.ts"

const head = "weak-head"

/**
 * Trains students without a teacher. A weak head, where the loss has one, is a linear layer from a hidden layer to the classes; it
 * is used in training only. Labels may be mixtures (column `labels`).
 *
 * @reference yang2023knowledge
 */
export const selfDistil = Stage.make("distillation/self-distil", {
  module: import.meta.url,
  title: "A student without a teacher, from labels and soft labels of its own",
  uses: ["backend", "random"],
  parameters: {
    ...trainingParameters,
    loss: orElse(SelfLoss.parameter("distillation"), "uskd"),
  },
  inputs: { data: Port.any(examples) },
  outputs: { model: Model },
  metrics: trainingMetrics,
  state: TrainingState,
  *run({ parameters, inputs: { data }, ...context }) {
    const { hidden } = parameters
    const { of, weakHead, mixes = Number.POSITIVE_INFINITY, warning, coupled: isCoupled } = parameters.loss.value
    const features = yield* featuresOf(data)
    const { classes, ...labels } = yield* labelsOf(data)
    if (labels.mixes > mixes)
      return yield* new StageError({
        message: `a row mixes ${labels.mixes} classes, the loss knows ${mixes} at most`,
        hint: "use 'label-smoothing' or 'cross-entropy', or mix fewer",
      })
    if (weakHead !== undefined && weakHead >= hidden.length)
      return yield* new StageError({
        message: `the weak head reads hidden layer ${weakHead}, the student has ${hidden.length} of them, counted from 0`,
        hint: "choose another 'layer', or set 'beta' and 'mu' to 0",
      })
    const found = warning?.({ classes })
    if (found !== undefined) yield* context.warn(found)

    const brought = (batch: Batch) => ({ ...labels.inputs(batch), features: inputsOf(features, batch) })
    const rows = (shape: MlpShape) => (tree: Tree, inputs: Tree) => {
      const outputs = mlpLayers(shape, tree, inputs["features"]!)
      const weak = weakHead !== undefined && { weak: applyDense(within(head, tree), outputs[weakHead]!) }
      return of({ student: outputs.at(-1)!, ...labels.of(inputs), ...weak })
    }
    const model = yield* trainBy(context, {
      ...parameters,
      features,
      classes,
      objective: (shape) =>
        isCoupled
          ? coupled({ inputs: brought, of: (tree, inputs) => tf.mean(rows(shape)(tree, inputs), -1) })
          : separable({ inputs: brought, of: rows(shape) }),
      // Drawn as the layer after the last: the student starts as it would alone.
      beside: ({ widths, members, activation }) =>
        weakHead === undefined
          ? {}
          : branch(
              head,
              initDense(
                { inputs: widths[weakHead + 1]!, outputs: classes, members, init: activations[activation].init },
                context.random,
                widths.length - 1,
              ),
            ),
    })
    return { model }
  },
})
