/** A student to start from. */
import { orElse, Positive } from "@relent/named"
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { AffineStudent } from "./affine.ts"

/** @reference none: a location and a scale */
export const affineStudent = Stage.make("one-step-diffusion/affine-student", {
  module: import.meta.url,
  title: "A student x = mean + deviation z",
  parameters: { mean: orElse(Schema.Finite, 0), deviation: orElse(Positive, 1) },
  outputs: { student: AffineStudent },
  *run({ parameters: { mean, deviation } }) {
    return { student: { mean, deviation } }
  },
})
