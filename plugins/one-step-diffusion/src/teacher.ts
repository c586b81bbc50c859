/** Teachers: what a student is distilled from. */
import { objectCodec, tensorValue } from "@relent/arrow"
import { Schema } from "effect"
import { type GaussianMixture, makeMixture } from "./gaussian-mixture.ts"

/** A union that grows by kind; a stage that needs a density asks for `Teacher.only("gaussian-mixture")`. */
export type Teacher = GaussianMixture

export const Teacher = objectCodec<Teacher>()("one-step-diffusion/teacher", 1, {
  "gaussian-mixture": {
    header: Schema.Struct({}),
    decode: (_: {}, { weights, means, deviations }) => makeMixture(weights!.values, means!.values, deviations!.values),
    encode: ({ weights, means, deviations }) => [
      {},
      {
        weights: tensorValue("float64", weights),
        means: tensorValue("float64", means),
        deviations: tensorValue("float64", deviations),
      },
    ],
  },
})
