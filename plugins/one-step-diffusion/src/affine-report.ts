/** What became of a student. */
import { Column, TableSchema } from "@relent/arrow"
import { orElse } from "@relent/named"
import { Stage, StageError } from "@relent/stage"
import cdf from "@stdlib/stats-base-dists-normal-cdf"
import { Schema } from "effect"
import { AffineStudent } from "./affine.ts"
import { divergenceOf, nodesOf } from "./exact/quadrature.ts"
import { divergence } from "./parameters.ts"
import { Distribution } from "./distribution.ts"

const Report = TableSchema.make("one-step-diffusion/affine-report", 1, {
  mean: Column.float64,
  deviation: Column.float64,
  /** D(teacher || student), in nats where logarithms occur. */
  value: Column.float64,
  /** Share of the student below the threshold. */
  below: Column.float64,
})

/** @reference xu2025fdistill */
export const affineReport = Stage.make("one-step-diffusion/affine-report", {
  module: import.meta.url,
  title: "Divergence from the teacher, and the share of a student below a threshold",
  parameters: {
    divergence,
    threshold: orElse(Schema.Finite.annotate({ description: "a point between two modes of the teacher" }), 0),
  },
  inputs: { teacher: Distribution.only("gaussian-mixture"), student: AffineStudent },
  outputs: { report: Report },
  *run({ parameters: { divergence, threshold }, inputs: { teacher, student } }) {
    const { mean, deviation } = student
    const nodes = nodesOf(teacher, student)
    if (nodes === undefined)
      return yield* new StageError({ message: "the scales of teacher and student are too far apart to integrate" })
    const value = divergenceOf(divergence, teacher, nodes)
    return { report: Report.fromRows([{ mean, deviation, value, below: cdf(threshold, mean, deviation) }]) }
  },
})
