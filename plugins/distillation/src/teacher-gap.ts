/** How far a model's outputs are from a teacher's, row by row and as sets. */
import { Column, TableSchema } from "@relent/arrow"
import { assignment } from "@relent/divergence/assignment"
import {
  Divergence,
  groundCost,
  onLogits,
  sinkhorn,
  sinkhornDivergence,
  softmax,
  TransportNotConverged,
} from "@relent/divergence"
import { Count, orElse, Positive } from "@relent/named"
import { Model, predict, rowOf } from "@relent/nn"
import { Port, Stage, StageError } from "@relent/stage"
import { Schema } from "effect"
import { joinLogits } from "./join-logits.ts"
import { featuresOf, Logits } from "./tables.ts"

/** Divergences are in nats, costs those of moving a row's output to another, on average over the rows. */
const TeacherGap = TableSchema.make("distillation/teacher-gap", 1, {
  member: Column.int32,
  /** KL(T || S) at temperature 1, over all rows. */
  kl: Column.float64,
  /** Share of all rows whose largest class is the teacher's. */
  agreement: Column.float64,
  /** Each row to its own. */
  diagonal: Column.float64,
  /** By the entropic plan, by the best one, and the Sinkhorn divergence. */
  transport: Column.float64,
  exact: Column.float64,
  divergence: Column.float64,
  /** Share of rows that the best plan moves to their own. */
  matched: Column.float64,
  marginalError: Column.float64,
  converged: Column.bool,
})

const largest = (row: Float32Array) => row.indexOf(Math.max(...row))

/**
 * Of every member: KL to the teacher, and the transport of its outputs as a set, entropic and exact, in float64. Transport takes a part
 * of the rows, the same for all members.
 *
 * @reference cui2024sinkd
 */
export const teacherGap = Stage.make("distillation/teacher-gap", {
  module: import.meta.url,
  title: "How far a model's outputs are from a teacher's, row by row and as sets",
  uses: ["backend", "random"],
  parameters: {
    rows: orElse(Count.annotate({ description: "rows drawn for the transport, all if there are fewer" }), 200),
    temperature: orElse(Positive.annotate({ description: "of the outputs that are moved" }), 2),
    costNorm: orElse(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(1)), 1),
    epsilon: orElse(Positive, 0.1),
    iterations: orElse(Count.annotate({ description: "at most" }), 10_000),
    tolerance: orElse(Positive.annotate({ description: "of the sums of the plan's rows, in all" }), 1e-4),
    unconverged: orElse(
      Schema.Literals(["fail", "report"]).annotate({ description: "what happens to a plan that isn't converged" }),
      "fail" as const,
    ),
  },
  inputs: { model: Model, data: Port.any({ id: Column.int32 }), teacher: Logits },
  outputs: { gap: TeacherGap },
  *run({ parameters, inputs: { model, data, teacher }, random }) {
    const { temperature, costNorm, epsilon, iterations, tolerance, unconverged } = parameters
    const features = yield* featuresOf(data)
    const { inputs, outputs: classes } = rowOf(model)
    const known = teacher.columns.logits.length / teacher.length
    if (features.width !== inputs || known !== classes)
      return yield* new StageError({
        message: `the model wants ${inputs} features and knows ${classes} classes, the data has ${features.width}, the teacher ${known}`,
        hint: "use data like that it was trained on, and a teacher of the same classes",
      })
    const target = yield* joinLogits(data.columns.id, teacher.columns, classes)
    const all = yield* predict(model, features.values)
    const moved = random("rows").permutation(data.length).slice(0, parameters.rows)
    const row = (logits: Float32Array, i: number) => logits.subarray(i * classes, (i + 1) * classes)
    const outputsOf = (logits: Float32Array) => ({
      values: Float64Array.from([...moved].flatMap((i) => [...softmax(row(logits, i), temperature)])),
      dimension: classes,
    })
    const q = outputsOf(target)
    const rows = []
    for (let member = 0; member < model.members; member++) {
      const logits = all.subarray(member * target.length, (member + 1) * target.length)
      let [kl, agreeing] = [0, 0]
      for (let i = 0; i < data.length; i++) {
        kl += onLogits(Divergence.kl, row(target, i), row(logits, i)).value
        if (largest(row(target, i)) === largest(row(logits, i))) agreeing++
      }
      const p = outputsOf(logits)
      const n = moved.length
      const cost = groundCost(p, q, { norm: costNorm })
      const options = { epsilon, iterations, tolerance, domain: "kernel" } as const
      const plan = sinkhorn({ cost, size: [n, n] }, options)
      const debiased = sinkhornDivergence(p, q, { ...options, norm: costNorm })
      const converged = plan.converged && debiased.converged
      const marginalError = Math.max(plan.marginalError, debiased.marginalError)
      if (!converged && unconverged === "fail") {
        const { message, hint } = new TransportNotConverged({ iterations, marginalError, tolerance })
        return yield* new StageError({ message: `member ${member}: ${message}`, hint: `${hint}, or set 'unconverged'` })
      }
      const best = assignment({ cost, size: [n, n] })
      rows.push({
        member,
        kl: kl / data.length,
        agreement: agreeing / data.length,
        diagonal: moved.reduce((sum, _, i) => sum + cost[i * n + i]!, 0) / n,
        transport: plan.cost,
        exact: best.cost,
        divergence: debiased.value,
        matched: best.columns.filter((j, i) => i === j).length / n,
        marginalError,
        converged,
      })
    }
    return { gap: TeacherGap.fromRows(rows) }
  },
})
