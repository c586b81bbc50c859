/** What is known of the target beforehand. */
import { Port, Stage } from "@relent/stage"
import { ClassRatio, checkLabels, labelledPixels } from "./tables.ts"

/**
 * The classes' shares of labelled pixels, background first.
 *
 * @reference bateson2021sourcefree
 */
export const densityClassRatio = Stage.make("domain-adaptation/density-class-ratio", {
  module: import.meta.url,
  title: "The class ratio of labelled pixels",
  inputs: { pixels: Port.any(labelledPixels) },
  outputs: { prior: ClassRatio },
  sizes: () => ({ classes: 2 }),
  *run({ inputs: { pixels } }) {
    const { mass, foreground } = pixels.columns
    yield* checkLabels(mass, foreground)
    const share = foreground.reduce((sum, f) => sum + f, 0) / mass.reduce((sum, m) => sum + m, 0)
    return { prior: Float64Array.of(1 - share, share) }
  },
})
