/** A student learns from a teacher's logits. */
import { orElse } from "@relent/named"
import { tensorValue } from "@relent/arrow"
import { type Batch, inputsOf, Model, oneHotOf, stepsPerEpoch, TrainingState } from "@relent/nn"
import { Port, Stage, StageError } from "@relent/stage"
import { joinLogits } from "./join-logits.ts"
import { Loss } from "./loss/loss.ts"
import { classesOf, examples, featuresOf, Logits } from "./tables.ts"
import { passedAt, train, trainingMetrics, trainingParameters } from "./training.ts"

/**
 * Trains students on a teacher's logits. The teacher is a table: one made elsewhere works as well.
 *
 * @reference hinton2015distilling
 */
export const distil = Stage.make("distillation/distil", {
  module: import.meta.url,
  title: "A student from a teacher's logits",
  uses: ["backend", "random"],
  parameters: {
    ...trainingParameters,
    loss: orElse(Loss.parameter("distillation"), "kd"),
  },
  inputs: { data: Port.any(examples), teacher: Logits },
  outputs: { model: Model },
  metrics: trainingMetrics,
  state: TrainingState,
  *run({ parameters, inputs: { data, teacher }, ...context }) {
    const { loss } = parameters
    const features = yield* featuresOf(data)
    const labels = data.columns.label
    const classes = teacher.columns.logits.length / teacher.length
    if (classes < (yield* classesOf(labels)))
      return yield* new StageError({
        message: `the teacher knows ${classes} classes, the labels name more`,
        hint: "use a teacher of the same classes",
      })
    const sizes = { members: parameters.members, batch: parameters.batch, classes }
    const refusal = loss.value.refusal?.(sizes)
    if (refusal !== undefined) return yield* new StageError(refusal)
    const warning = loss.value.warning?.(sizes)
    if (warning !== undefined) yield* context.warn(warning)
    const logits = yield* joinLogits(data.columns.id, teacher.columns, classes)
    const perPass = stepsPerEpoch({ examples: data.length, batch: parameters.batch })
    const passedOf = ({ members, size, step }: Batch) => {
      const passed = passedAt(step, parameters.steps, perPass)
      return tensorValue("float32", new Float32Array(members * size).fill(passed), [members, size, 1])
    }
    const model = yield* train(context, {
      ...parameters,
      features,
      classes,
      inputs: (batch) => ({
        teacher: inputsOf({ values: logits, width: classes, scale: 1 }, batch),
        oneHot: oneHotOf(labels, classes, batch),
        ...(loss.value.anneals === true && { passed: passedOf(batch) }),
      }),
      coupled: loss.value.coupled ?? false,
      loss: (student, { teacher, oneHot, passed }) =>
        loss.value({ student, teacher: teacher!, oneHot: oneHot!, ...(passed !== undefined && { passed }) }),
    })
    return { model }
  },
})
