/** The smallest student: `x = mean + deviation z`, `z ~ N(0, 1)`, so that its density is known. */
import { type Codec, Column, TableMismatch, TableSchema } from "@relent/arrow"
import { Effect } from "effect"

export interface Affine {
  readonly mean: number
  /** Above 0. */
  readonly deviation: number
}

const schema = TableSchema.make("one-step-diffusion/affine-student", 1, {
  mean: Column.float64,
  deviation: Column.float64,
})

const invalid = (problem: string) =>
  Effect.fail(new TableMismatch({ schema: "one-step-diffusion/affine-student", problems: [problem] }))

/** One row. Its columns are plain numbers, since claims read them. */
export const AffineStudent: Codec<typeof schema.name, typeof schema.columns, Affine> = {
  ...schema,
  decode: (arrow) =>
    Effect.flatMap(schema.decode(arrow), ({ length, columns }) => {
      if (length !== 1) return invalid(`has ${length} rows, a student is one`)
      const [mean, deviation] = [columns.mean[0]!, columns.deviation[0]!]
      if (!Number.isFinite(mean) || !Number.isFinite(deviation) || deviation <= 0)
        return invalid(`is x = ${mean} + ${deviation} z; both are finite, the deviation above 0`)
      return Effect.succeed({ mean, deviation })
    }),
  encode: ({ mean, deviation }) => schema.make({ mean: [mean], deviation: [deviation] }).arrow,
}

/** `log q(x)` at `x = mean + deviation z`. */
export const logDensityAt = ({ deviation }: Affine, z: Float64Array): Float64Array => {
  const constant = Math.log(deviation) + Math.log(2 * Math.PI) / 2
  return z.map((v) => -(v * v) / 2 - constant)
}
