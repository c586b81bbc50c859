/** What is known of the target beforehand: which share of each image each class should cover. */
import { columnsOf, type Table } from "@relent/arrow"
import { orElse, Positive } from "@relent/named"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"
import { classesOf, countsOf, images, masks } from "./images.ts"
import { ImagePriors } from "./tables.ts"

const failed = (message: string, hint: string) => new StageError({ message, hint })

/** Which classes are in each image, `[rows, classes]`: 0 or 1. */
const tagsOf = (
  target: Table<any>,
): Effect.Effect<{ readonly tags: Uint8Array; readonly classes: number }, StageError> => {
  const column = columnsOf(target.arrow)["tags"]
  if (column?.dtype !== "uint8" || column.shape?.length !== 1)
    return failed(
      "the target has no tags",
      "tags are a column 'tags', a tensor of uint8 with a 0 or 1 for each class; or choose tags: none",
    )
  const tags: Uint8Array = target.columns.tags
  const classes = column.shape[0] as number
  const wrong = tags.findIndex((t) => t > 1)
  if (wrong >= 0)
    return failed(
      `image ${target.columns.id[Math.floor(wrong / classes)]} has the tag ${tags[wrong]}`,
      "tags are 0 or 1",
    )
  for (let row = 0; row < target.length; row++)
    if (!tags.subarray(row * classes, (row + 1) * classes).includes(1))
      return failed(
        `image ${target.columns.id[row]} has the tag of no class, not even of the background`,
        "an image has at least one class",
      )
  return Effect.succeed({ tags, classes })
}

/** rho_k: the mean share of class k over the images that have it, or over all; NaN where none has it. `[classes]` */
const meanShares = (counts: Float64Array, classes: number, all: boolean): Float64Array => {
  const [sums, images] = [new Float64Array(classes), new Float64Array(classes)]
  for (let at = 0; at < counts.length; at += classes) {
    const row = counts.subarray(at, at + classes)
    const pixels = row.reduce((sum, n) => sum + n, 0)
    row.forEach((n, k) => {
      sums[k]! += n / pixels
      images[k]! += all || n > 0 ? 1 : 0
    })
  }
  return sums.map((sum, k) => sum / images[k]!)
}

/** The masks of the target: what only a report may look at. */
const trueShares = (target: Table<any>, classes: number) => {
  const column = columnsOf(target.arrow)["mask"]
  if (column?.dtype !== "uint8") return failed("the target has no masks", "true sizes need them: choose tags: image")
  return Effect.map(countsOf(target, classes), (counts) => {
    const pixels = counts.subarray(0, classes).reduce((sum, n) => sum + n, 0)
    return counts.map((n) => n / pixels)
  })
}

/**
 * rho_k = the mean share of class k over the source images that have it; tau_bk = scale rho_k t_bk for each class k but the background
 * of image b, which gets what is left. `tags: none` takes the mean over all source images for every image; `true-size` the image's own
 * masks, an upper bound that uses the target's labels.
 *
 * @reference bateson2021sourcefree
 */
export const estimateClassRatio = Stage.make("domain-adaptation/estimate-class-ratio", {
  module: import.meta.url,
  title: "The expected class ratio of each target image, from masks of the source and tags of the target",
  parameters: {
    tags: orElse(
      Schema.Literals(["image", "none", "true-size"]).annotate({
        description: "what is known of a target image: its classes, nothing, or (for reports only) its mask",
      }),
      "image" as const,
    ),
    scale: orElse(Positive.annotate({ description: "makes the foreground's shares wrong by this factor" }), 1),
  },
  inputs: { source: Port.any(masks), target: Port.any(images) },
  outputs: { prior: ImagePriors },
  *run({ parameters, inputs: { source, target } }) {
    const { tags, scale } = parameters
    if (source.length === 0 || target.length === 0)
      return yield* failed(`the ${source.length === 0 ? "source" : "target"} has no images`, "give rows")
    const given = tags === "image" ? yield* tagsOf(target) : undefined
    const classes = given?.classes ?? classesOf(source.columns.mask)
    const rho = meanShares(yield* countsOf(source, classes), classes, tags === "none")
    const own = tags === "true-size" ? yield* trueShares(target, classes) : undefined
    const prior = new Float64Array(target.length * classes)
    for (let row = 0; row < target.length; row++) {
      const tau = prior.subarray(row * classes, (row + 1) * classes)
      let others = 0
      for (let k = 1; k < classes; k++) {
        const at = row * classes + k
        const share = own?.[at] ?? (given?.tags[at] === 0 ? 0 : rho[k]!)
        if (Number.isNaN(share))
          return yield* failed(
            `image ${target.columns.id[row]} is said to have class ${k}, which no source image has`,
            "give source images with all classes",
          )
        tau[k] = scale * share
        others += tau[k]!
      }
      if (others > 1 + 1e-6)
        return yield* failed(
          `the classes of image ${target.columns.id[row]} together cover ${others} of it, more than all`,
          "make scale smaller, or look at the masks",
        )
      tau[0] = Math.max(0, 1 - others)
    }
    const table = ImagePriors.make({ id: target.columns.id, prior }, { sizes: { classes } })
    return { prior: table }
  },
})
