/** Student and teacher learn from labels and from each other, both from scratch. */
import { Column } from "@relent/arrow"
import { Count, NonNegative, orElse } from "@relent/named"
import {
  applyMlp,
  fitTogether,
  initMlp,
  inputOf,
  inputsOf,
  type MlpShape,
  Model,
  oneHotOf,
  type Player,
  TrainingState,
} from "@relent/nn"
import type { Source } from "@relent/random"
import { Port, Stage } from "@relent/stage"
import { within } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { bdKdLoss, bdKdParameters } from "./loss/bd-kd.ts"
import { ordered } from "./loss/gate.ts"
import type { DistillationLoss } from "./loss/loss.ts"
import { classesOf, examples, featuresOf } from "./tables.ts"
import { trainingParameters } from "./training.ts"

type Pair = "student" | "teacher"

/** The teacher's draws: two networks of one shape must not start alike. */
const apart =
  (random: Source): Source =>
  (purpose, ...counters) =>
    random(`teacher/${purpose}`, ...counters)

/**
 * L_S = CE(y, S) + lambda_S t^2 (w_F KL(T^t || S^t) + w_R KL(S^t || T^t)), the teacher held, with the gate's weights row by row;
 * L_T = CE(y, T) + lambda_T t^2 KL(S^t || T^t), the student held. Each has an optimiser of its own. The student starts and sees batches
 * as in `train-classifier` and `distil` on the same stream. `gate: forward` with normalised weights is deep mutual learning.
 *
 * @reference amara2022bdkd
 */
export const onlineBdkd = Stage.make("distillation/online-bdkd", {
  module: import.meta.url,
  title: "A student and its teacher, trained together by balanced divergences",
  uses: ["backend", "random"],
  parameters: Schema.Struct({
    ...trainingParameters,
    teacherHidden: orElse(
      Schema.Array(Count).annotate({ description: "widths of the teacher's hidden layers" }),
      [512, 512],
    ),
    ...bdKdParameters,
    teacherWeight: orElse(NonNegative.annotate({ description: "of the divergence in the teacher's loss" }), 1),
    update: orElse(
      Schema.Literals(["simultaneous", "alternate"]).annotate({
        description:
          "both by gradients at the same parameters, or the student first and the teacher by what it has become",
      }),
      "simultaneous",
    ),
  }).check(ordered),
  inputs: { data: Port.any(examples) },
  outputs: { model: Model, teacher: Model },
  metrics: { loss: Column.float32, teacherLoss: Column.float32 },
  state: TrainingState,
  *run({ parameters, inputs: { data }, random, emit, progress, checkpoint }) {
    const { hidden, teacherHidden, members, teacherWeight } = parameters
    const features = yield* featuresOf(data)
    const labels = data.columns.label
    const classes = yield* classesOf(labels)
    const shapeOf = (hidden: ReadonlyArray<number>): MlpShape => ({
      widths: [features.width, ...hidden, classes],
      members,
      activation: "relu",
    })
    const shapes = { student: shapeOf(hidden), teacher: shapeOf(teacherHidden) }
    const player = (name: Pair, other: Pair, draws: Source, loss: DistillationLoss): Player<Pair> => ({
      start: initMlp(shapes[name], draws),
      outputs: (tree, inputs) => applyMlp(shapes[name], tree, inputs["features"]!),
      loss: (own, all, { oneHot }) => loss({ student: own, teacher: all[other], oneHot: oneHot! }),
    })
    // To the teacher, the student is the target.
    const mutual = bdKdLoss({ ...parameters, gate: "forward", normaliseWeights: true, studentWeight: teacherWeight })
    const { parameters: trained } = yield* fitTogether<Pair, Effect.Error<typeof checkpoint.load>>({
      ...parameters,
      players: {
        student: player("student", "teacher", random, bdKdLoss(parameters)),
        teacher: player("teacher", "student", apart(random), mutual),
      },
      inputs: (batch) => ({ features: inputsOf(features, batch), oneHot: oneHotOf(labels, classes, batch) }),
      examples: data.length,
      optimizer: parameters.optimizer.value,
      schedule: parameters.schedule.value,
      random,
      checkpoint,
      report: ({ step, losses: { student, teacher } }) =>
        Effect.andThen(progress(step, parameters.steps), emit({ step, loss: student, teacherLoss: teacher })),
    })
    const modelOf = (name: Pair): Model => ({
      kind: "mlp",
      ...shapes[name],
      input: inputOf(features),
      parameters: within(name, trained),
    })
    return { model: modelOf("student"), teacher: modelOf("teacher") }
  },
})
