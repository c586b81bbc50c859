/** Images as points of few coordinates. */
import { columnsOf } from "@relent/arrow"
import { Count, orElse, Positive } from "@relent/named"
import { Port, Stage, StageError } from "@relent/stage"
import { Components, componentsOf, project } from "./components.ts"
import { ImagePoints, images } from "./tables.ts"

/** @reference pearson1901lines */
export const fitComponents = Stage.make("one-step-diffusion/fit-components", {
  module: import.meta.url,
  title: "Principal components of images, and the images as points",
  parameters: {
    count: orElse(Count.annotate({ description: "coordinates of a point" }), 24),
    deviation: orElse(
      Positive.annotate({ description: "standard deviation of the coordinates over all, about their means" }),
      0.5,
    ),
  },
  inputs: { data: Port.any(images) },
  outputs: { components: Components, points: ImagePoints },
  *run({ parameters: { count, deviation }, inputs: { data } }) {
    const { id, label, image } = data.columns
    const [height, width] = columnsOf(data.arrow)["image"]!.shape as unknown as readonly [number, number]
    const components = data.length === 0 ? undefined : componentsOf(image, [height, width], count, deviation)
    if (components === undefined)
      return yield* new StageError({
        message: `${data.length} images of ${height} x ${width} don't vary in ${count} directions`,
        hint: "ask for fewer, or give more images",
      })
    return { components, points: ImagePoints.make({ id, label, x: project(components, image) }) }
  },
})
