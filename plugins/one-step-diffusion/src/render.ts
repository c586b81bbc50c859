/** Points as the images they stand for. */
import { Column, TableSchema } from "@relent/arrow"
import { Stage, StageError } from "@relent/stage"
import { Components, countOf, render as imagesOf } from "./components.ts"
import { Samples } from "./tables.ts"

const Images = TableSchema.make("one-step-diffusion/images", 1, {
  id: Column.int32,
  member: Column.int32,
  image: Column.tensor("uint8", ["height", "width"]),
})

/** @reference pearson1901lines */
export const render = Stage.make("one-step-diffusion/render", {
  module: import.meta.url,
  title: "Samples as grey images",
  inputs: { samples: Samples, components: Components },
  outputs: { images: Images },
  *run({ inputs: { samples, components } }) {
    const { id, member, x } = samples.columns
    if (x.length !== samples.length * countOf(components))
      return yield* new StageError({
        message: `samples have ${x.length / samples.length} coordinates, the components ${countOf(components)}`,
        hint: "use the components that the teacher's data were projected by",
      })
    const { height, width } = components
    const sized = TableSchema.make(Images.name, Images.version, {
      ...Images.columns,
      image: Column.tensor("uint8", [height, width]),
    })
    return { images: sized.make({ id, member, image: imagesOf(components, x) }) }
  },
})
