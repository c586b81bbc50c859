/** A teacher in the plane whose denoiser is known. */
import { orElse, Positive } from "@relent/named"
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { Distribution } from "./distribution.ts"
import { makeIsotropicMixture } from "./isotropic-mixture.ts"

const sumToOne = Schema.makeFilter((weights: ReadonlyArray<number>) => {
  const total = weights.reduce((sum, w) => sum + w, 0)
  return Math.abs(total - 1) <= 1e-9 || `the weights sum to ${total}, not to 1`
})

/** @reference none: a textbook model */
export const ringTeacher = Stage.make("one-step-diffusion/ring-teacher", {
  module: import.meta.url,
  title: "Gaussians around a circle in the plane, as teacher",
  parameters: {
    weights: orElse(
      Schema.NonEmptyArray(Positive)
        .check(sumToOne)
        .annotate({ description: "of the modes, one after the other around the circle" }),
      [0.4, 0.2, 0.1, 0.06, 0.06, 0.06, 0.06, 0.06],
    ),
    radius: orElse(Positive, 1),
    deviation: orElse(Positive.annotate({ description: "standard deviation of each mode" }), 0.08),
  },
  outputs: { teacher: Distribution.only("isotropic-mixture") },
  *run({ parameters: { weights, radius, deviation } }) {
    const means = weights.flatMap((_, k) => {
      const angle = (2 * Math.PI * k) / weights.length
      return [radius * Math.cos(angle), radius * Math.sin(angle)]
    })
    return {
      teacher: makeIsotropicMixture(
        weights,
        means,
        weights.map(() => deviation),
      ),
    }
  },
})
