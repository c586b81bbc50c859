/** More images as points, by components that were fitted to others. */
import { Port, Stage, StageError } from "@relent/stage"
import { Components, project as coordinatesOf } from "./components.ts"
import { ImagePoints, images } from "./tables.ts"

/** @reference pearson1901lines */
export const project = Stage.make("one-step-diffusion/project", {
  module: import.meta.url,
  title: "Images as points, by given components",
  inputs: { data: Port.any(images), components: Components },
  outputs: { points: ImagePoints },
  *run({ inputs: { data, components } }) {
    const { id, label, image } = data.columns
    const size = components.height * components.width
    if (image.length !== data.length * size)
      return yield* new StageError({
        message: `the images have ${image.length / data.length} pixels, the components are of ${components.height} x ${components.width}`,
        hint: "use components of such images",
      })
    return { points: ImagePoints.make({ id, label, x: coordinatesOf(components, image) }) }
  },
})
