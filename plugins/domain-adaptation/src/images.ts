/** Images with a class for each pixel, and what stages read of them. */
import { Column, columnsOf, product, type Table, TableSchema } from "@relent/arrow"
import type { Features } from "@relent/nn"
import { StageError } from "@relent/stage"
import { Effect } from "effect"

/** Grey images: `mask` has the class of each pixel, `tags` a 1 for each class that occurs, background first. */
export const SegmentedImages = TableSchema.make("domain-adaptation/segmented-images", 1, {
  id: Column.int32,
  image: Column.tensor("float32", ["height", "width"]),
  mask: Column.tensor("uint8", ["height", "width"]),
  tags: Column.tensor("uint8", ["classes"]),
})

/** What the stages need of a table of images; the images themselves are a column `image`, of bytes or floats. */
export const images = { id: Column.int32 }
export const masks = { id: Column.int32, mask: Column.tensor("uint8", ["height", "width"]) }

export interface Images {
  readonly features: Features
  /** Height, width, channels. */
  readonly image: readonly [number, number, number]
}

const failed = (message: string, hint: string) => new StageError({ message, hint })

/** The column `image`, `[height, width]` or `[height, width, channels]`: bytes are scaled to [0, 1]. */
export const imagesOf = (table: Table<any>): Effect.Effect<Images, StageError> => {
  const column = columnsOf(table.arrow)["image"]
  const [height, width, channels = 1] = (column?.shape ?? []) as ReadonlyArray<number>
  const known = column?.dtype === "uint8" || column?.dtype === "float32"
  if (!known || height === undefined || width === undefined || column.shape!.length > 3)
    return failed(
      "there are no images in the table",
      "images are a column 'image', a tensor of uint8 or float32 of height, width and perhaps channels",
    )
  if (table.length === 0) return failed("the table has no images", "give rows")
  const values: Uint8Array | Float32Array = table.columns.image
  const size = height * width * channels
  const broken = values instanceof Uint8Array ? -1 : values.findIndex((v) => !Number.isFinite(v))
  if (broken >= 0)
    return failed(
      `image ${table.columns.id[Math.floor(broken / size)]} has a pixel that isn't finite`,
      "look at the images",
    )
  const scale = column.dtype === "uint8" ? 1 / 255 : 1
  return Effect.succeed({ features: { values, width: size, scale }, image: [height, width, channels] })
}

/** The class of each pixel, `[rows, height * width]`, of images of this size. */
export const masksOf = (
  table: Table<any>,
  [height, width]: readonly [number, number, number],
): Effect.Effect<Uint8Array, StageError> => {
  const shape = columnsOf(table.arrow)["mask"]!.shape!
  return shape.join() === `${height},${width}`
    ? Effect.succeed(table.columns.mask)
    : failed(`masks are ${shape.join(" x ")}, images ${height} x ${width}`, "give each pixel a class")
}

/** How many pixels of each image belong to each class, `[rows, classes]`; a class beyond them is refused. */
export const countsOf = (table: Table<any>, classes: number): Effect.Effect<Float64Array, StageError> => {
  const { mask, id } = table.columns as { readonly mask: Uint8Array; readonly id: Int32Array }
  const pixels = product(columnsOf(table.arrow)["mask"]!.shape!)
  const counts = new Float64Array(table.length * classes)
  for (let i = 0; i < mask.length; i++) {
    const row = Math.floor(i / pixels)
    if (mask[i]! >= classes)
      return failed(
        `the mask of image ${id[row]} has class ${mask[i]}, but there are ${classes} classes`,
        "classes are 0 ... classes - 1, the background 0",
      )
    counts[row * classes + mask[i]!]! += 1
  }
  return Effect.succeed(counts)
}

/** One more than the largest class of the masks, and at least 2. */
export const classesOf = (mask: Uint8Array): number => mask.reduce((most, k) => Math.max(most, k + 1), 2)
