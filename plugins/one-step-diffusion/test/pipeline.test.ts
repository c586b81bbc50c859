/** The stages fit together in TypeScript: what doesn't is a compile error. */
import { Pipeline } from "@relent/stage"
import { expect, it } from "vitest"
import { fDistill } from "../src/f-distill.ts"
import { generationMetrics } from "../src/generation-metrics.ts"
import { mixtureTeacher } from "../src/mixture-teacher.ts"
import { ringTeacher } from "../src/ring-teacher.ts"
import { sample } from "../src/sample.ts"
import { trainTeacher } from "../src/train-teacher.ts"

it("a teacher's samples teach another, whose student is judged", () => {
  const pipeline = Pipeline.make({
    name: "ring",
    seed: 1,
    outputs: (() => {
      const { teacher: ring } = ringTeacher()
      const { samples: data } = sample.as("data")({ of: ring }, { exact: true })
      const { teacher } = trainTeacher({ data })
      const { student } = fDistill({ teacher, data }, { divergence: "kl" })
      const { samples } = sample({ of: student })
      return generationMetrics({ samples, real: data, mixture: ring })
    })(),
  })
  expect(pipeline.steps.map(({ name }) => name)).toEqual([
    "ring-teacher",
    "data",
    "train-teacher",
    "f-distill",
    "sample",
    "generation-metrics",
  ])
})

it("a teacher on the line has no tensors to distil from, a student is no teacher", () => {
  const build = () => {
    const { teacher } = mixtureTeacher({ components: [{ weight: 1, mean: 0, deviation: 1 }] })
    // @ts-expect-error ...gaussian-mixture...
    fDistill({ teacher })
    const { student } = fDistill({ teacher: ringTeacher().teacher }, { divergence: "reverse-kl", ganWeight: 0 })
    // @ts-expect-error ...one-step...
    fDistill.as("again")({ teacher: student })
  }
  expect(build).toBeTypeOf("function")
})
