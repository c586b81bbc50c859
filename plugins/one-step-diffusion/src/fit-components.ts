/** Images as points of few coordinates. */
import { columnsOf } from "@relent/arrow"
import { Count, orElse, Positive } from "@relent/named"
import { Port, Stage, StageError } from "@relent/stage"
import { Schema } from "effect"
import { Components, componentsOf, pixelsOf, project } from "./components.ts"
import { ImagePoints, images } from "./tables.ts"

/** @reference pearson1901lines */
export const fitComponents = Stage.make("one-step-diffusion/fit-components", {
  module: import.meta.url,
  title: "Principal components or pixels of images, and the images as points",
  parameters: {
    basis: orElse(
      Schema.Literals(["principal", "pixels"]).annotate({
        description: "coordinates along the directions of largest variance, or one a pixel",
      }),
      "principal",
    ),
    count: orElse(Count.annotate({ description: "coordinates of a point, of principal components" }), 24),
    deviation: orElse(
      Positive.annotate({ description: "standard deviation of the coordinates over all, about their means" }),
      0.5,
    ),
  },
  inputs: { data: Port.any(images) },
  outputs: { components: Components, points: ImagePoints },
  *run({ parameters: { basis, count, deviation }, inputs: { data } }) {
    const { id, label, image } = data.columns
    const [height, width] = columnsOf(data.arrow)["image"]!.shape as unknown as readonly [number, number]
    const size = [height, width] as const
    const fitted = () =>
      basis === "pixels" ? pixelsOf(image, size, deviation) : componentsOf(image, size, count, deviation)
    const components = data.length === 0 ? undefined : fitted()
    if (components === undefined)
      return yield* new StageError({
        message: `${data.length} images of ${height} x ${width} don't vary in ${basis === "pixels" ? "any direction" : `${count} directions`}`,
        hint: "ask for fewer, or give more images",
      })
    return { components, points: ImagePoints.make({ id, label, x: project(components, image) }) }
  },
})
