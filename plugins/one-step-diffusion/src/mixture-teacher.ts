/** A teacher whose density, score and denoiser are known. */
import { Positive } from "@relent/named"
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { makeMixture } from "./gaussian-mixture.ts"
import { Distribution } from "./distribution.ts"

const Component = Schema.Struct({ weight: Positive, mean: Schema.Finite, deviation: Positive })

const sumToOne = Schema.makeFilter((components: ReadonlyArray<typeof Component.Type>) => {
  const total = components.reduce((sum, { weight }) => sum + weight, 0)
  return Math.abs(total - 1) <= 1e-9 || `the weights sum to ${total}, not to 1`
})

/** @reference none: a textbook model */
export const mixtureTeacher = Stage.make("one-step-diffusion/mixture-teacher", {
  module: import.meta.url,
  title: "A Gaussian mixture on the line, as teacher",
  parameters: {
    components: Schema.NonEmptyArray(Component)
      .check(sumToOne)
      .annotate({ description: "weights with sum 1, means, standard deviations" }),
  },
  outputs: { teacher: Distribution.only("gaussian-mixture") },
  *run({ parameters: { components } }) {
    const column = (name: keyof typeof Component.Type) => components.map((component) => component[name])
    return { teacher: makeMixture(column("weight"), column("mean"), column("deviation")) }
  },
})
