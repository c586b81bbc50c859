/** Tables of the exact testbed (pixels by density), and class ratios. */
import { type Codec, Column, TableMismatch, TableSchema } from "@relent/arrow"
import { StageError } from "@relent/stage"
import { Effect } from "effect"

/** Pixels as they are seen: a brightness and the share of all pixels that have it. */
export const pixels = { x: Column.float64, mass: Column.float64 }

/** With the part of each share that is foreground: a labelled image of infinitely many pixels. */
export const labelledPixels = { ...pixels, foreground: Column.float64 }

export const PixelDensity = TableSchema.make("domain-adaptation/pixel-density", 1, labelledPixels)

/** Fails unless shares are not negative and sum to 1. */
export const checkShares = (mass: Float64Array): Effect.Effect<void, StageError> => {
  const total = mass.reduce((sum, m) => sum + m, 0)
  return mass.every((m) => m >= 0) && Math.abs(total - 1) <= 1e-6
    ? Effect.void
    : Effect.fail(
        new StageError({
          message: `shares of pixels are 0 or more and sum to 1, not to ${total}`,
          hint: "divide 'mass' by its sum",
        }),
      )
}

/** Fails unless the foreground's share of each brightness is a part of it. */
export const checkLabels = (mass: Float64Array, foreground: Float64Array): Effect.Effect<void, StageError> => {
  const row = mass.findIndex((m, i) => !(foreground[i]! >= 0 && foreground[i]! <= m * (1 + 1e-9)))
  return row < 0
    ? checkShares(mass)
    : Effect.fail(
        new StageError({
          message: `row ${row}: the foreground has ${foreground[row]} of ${mass[row]}`,
          hint: "'foreground' is the part of 'mass' that is foreground",
        }),
      )
}

const name = "domain-adaptation/class-ratio"
const ratioSchema = TableSchema.make(name, 1, { ratio: Column.tensor("float64", ["classes"]) })

/** What share of the pixels each class is expected to cover, background first: a row, on the simplex to 1e-6. */
export const ClassRatio: Codec<typeof name, typeof ratioSchema.columns, Float64Array> = {
  ...ratioSchema,
  decode: (arrow) =>
    Effect.flatMap(ratioSchema.decode(arrow), ({ length, columns: { ratio } }) => {
      const total = ratio.reduce((sum, r) => sum + r, 0)
      const problem =
        length !== 1
          ? `has ${length} rows, wanted one`
          : ratio.every((r) => r >= 0) && Math.abs(total - 1) <= 1e-6
            ? undefined
            : `is ${ratio.join(", ")}: ratios are 0 or more and sum to 1, not to ${total}`
      return problem === undefined
        ? Effect.succeed(ratio)
        : Effect.fail(new TableMismatch({ schema: name, problems: [problem] }))
    }),
  encode: (ratio) => ratioSchema.make({ ratio }, { sizes: { classes: ratio.length } }).arrow,
}

/** What share of each image each class is expected to cover, background first. */
export const ImagePriors = TableSchema.make("domain-adaptation/image-priors", 1, {
  id: Column.int32,
  prior: Column.tensor("float64", ["classes"]),
})

const refuse = (message: string, hint: string) => Effect.fail(new StageError({ message, hint }))

/** The priors in the order of the images, `[rows, classes]`, joined by id: each there once, and on the simplex to 1e-6. */
export const priorsOf = (
  ids: Int32Array,
  priors: { readonly id: Int32Array; readonly prior: Float64Array },
  classes: number,
): Effect.Effect<Float64Array, StageError> => {
  const own = priors.id.length === 0 ? classes : priors.prior.length / priors.id.length
  if (own !== classes)
    return refuse(`priors are of ${own} classes, the model of ${classes}`, "estimate them for the classes of the model")
  const at = new Map<number, number>()
  for (const [row, id] of priors.id.entries()) {
    if (at.has(id)) return refuse(`image ${id} has two priors`, "give one row an image")
    at.set(id, row)
  }
  const out = new Float64Array(ids.length * classes)
  for (const [i, id] of ids.entries()) {
    const row = at.get(id)
    if (row === undefined) return refuse(`image ${id} has no prior`, "estimate the class ratio on these images")
    const tau = priors.prior.subarray(row * classes, (row + 1) * classes)
    const total = tau.reduce((sum, p) => sum + p, 0)
    if (!tau.every((p) => p >= 0) || !(Math.abs(total - 1) <= 1e-6))
      return refuse(`the prior of image ${id} is ${tau.join(", ")}`, "ratios are 0 or more and sum to 1")
    out.set(tau, i * classes)
  }
  return Effect.succeed(out)
}
