/** The tables of this plugin. */
import { Column, TableSchema } from "@relent/arrow"
import type { Features } from "@relent/nn"
import { StageError } from "@relent/stage"
import { Effect } from "effect"

/** What points need: coordinates. */
export const points = { x: Column.tensor("float32", ["features"]) }

/** Points, whatever else a row says of them. */
export const Points = TableSchema.make("one-step-diffusion/points", 1, points)

/** What was generated, member by member. */
export const Samples = TableSchema.make("one-step-diffusion/samples", 1, {
  id: Column.int32,
  /** Of the generator. */
  member: Column.int32,
  ...points,
})

/** Images of bytes with a class each. */
export const images = { id: Column.int32, label: Column.int32, image: Column.tensor("uint8", ["height", "width"]) }

/** The same images as points. */
export const ImagePoints = TableSchema.make("one-step-diffusion/image-points", 1, {
  id: Column.int32,
  label: Column.int32,
  ...points,
})

/** Samples `[members, rows, dimension]` as a table. */
export const samplesOf = (x: Float32Array, members: number, rows: number) =>
  Samples.make({
    id: Int32Array.from({ length: members * rows }, (_, i) => i),
    member: Int32Array.from({ length: members * rows }, (_, i) => Math.floor(i / rows)),
    x,
  })

/** The points of a table as features; none, or one that isn't finite, is an error. */
export const featuresOf = ({
  length,
  columns: { x },
}: {
  readonly length: number
  readonly columns: { readonly x: Float32Array }
}) =>
  Effect.gen(function* () {
    if (length === 0) return yield* new StageError({ message: "there are no points", hint: "give rows" })
    const width = x.length / length
    const at = x.findIndex((v) => !Number.isFinite(v))
    if (at >= 0)
      return yield* new StageError({
        message: `row ${Math.floor(at / width)} has the coordinate ${x[at]}`,
        hint: "points are finite",
      })
    return { values: x, width, scale: 1 } satisfies Features
  })
