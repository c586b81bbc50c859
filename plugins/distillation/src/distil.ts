/** A student learns from a teacher's logits. */
import { orElse } from "@relent/named"
import { inputsOf, Model, oneHotOf, TrainingState } from "@relent/nn"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect } from "effect"
import { Loss } from "./loss/loss.ts"
import { classesOf, examples, featuresOf, Logits } from "./tables.ts"
import { train, trainingMetrics, trainingParameters } from "./training.ts"

/** The teacher's logits in the order of the examples, joined by id; an id that is missing or there twice is an error. */
const join = (ids: Int32Array, teacherIds: Int32Array, logits: Float32Array, classes: number) => {
  const at = new Map<number, number>()
  for (const [row, id] of teacherIds.entries()) {
    if (at.has(id))
      return Effect.fail(
        new StageError({ message: `the teacher has two rows of logits for id ${id}`, hint: "give one row an example" }),
      )
    at.set(id, row)
  }
  const out = new Float32Array(ids.length * classes)
  for (const [i, id] of ids.entries()) {
    const row = at.get(id)
    if (row === undefined)
      return Effect.fail(
        new StageError({
          message: `the teacher has no logits for id ${id}`,
          hint: "predict on the data the student learns from",
        }),
      )
    out.set(logits.subarray(row * classes, (row + 1) * classes), i * classes)
  }
  return out.every(Number.isFinite)
    ? Effect.succeed(out)
    : Effect.fail(new StageError({ message: "a teacher's logit isn't finite", hint: "look at the table of logits" }))
}

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
    const warning = loss.value.warning?.(classes)
    if (warning !== undefined) yield* context.warn(warning)
    const logits = yield* join(data.columns.id, teacher.columns.id, teacher.columns.logits, classes)
    const model = yield* train(context, {
      ...parameters,
      features,
      classes,
      inputs: (batch) => ({
        teacher: inputsOf({ values: logits, width: classes, scale: 1 }, batch),
        oneHot: oneHotOf(labels, classes, batch),
      }),
      loss: (student, { teacher, oneHot }) => loss.value({ student, teacher: teacher!, oneHot: oneHot! }),
    })
    return { model }
  },
})
