/** The smallest segmentation model: foreground with probability sigmoid(slope x + intercept). */
import { type Codec, Column, TableMismatch, TableSchema } from "@relent/arrow"
import { Effect } from "effect"
import { fromLogits, type Prediction } from "./prediction.ts"

export interface Sigmoid {
  readonly slope: number
  readonly intercept: number
}

const name = "domain-adaptation/sigmoid-model"
const schema = TableSchema.make(name, 1, { slope: Column.float64, intercept: Column.float64 })

/** One row of finite numbers. */
export const SigmoidModel: Codec<typeof name, typeof schema.columns, Sigmoid> = {
  ...schema,
  decode: (arrow) =>
    Effect.flatMap(schema.decode(arrow), ({ length, columns }) => {
      const [slope, intercept] = [columns.slope[0]!, columns.intercept[0]!]
      return length === 1 && Number.isFinite(slope) && Number.isFinite(intercept)
        ? Effect.succeed({ slope, intercept })
        : Effect.fail(new TableMismatch({ schema: name, problems: ["wants one row of finite numbers"] }))
    }),
  encode: ({ slope, intercept }) => schema.make({ slope: [slope], intercept: [intercept] }).arrow,
}

export const classes = 2

/** Softmax of the logits (0, slope x + intercept), background first: `[pixels, 2]`. */
export const predict = ({ slope, intercept }: Sigmoid, x: Float64Array): Prediction => {
  const logits = new Float64Array(classes * x.length)
  for (let i = 0; i < x.length; i++) logits[classes * i + 1] = slope * x[i]! + intercept
  return fromLogits(logits, classes)
}

/** The gradient by slope and intercept, from that by the logits `[pixels, 2]`. */
export const throughModel = (x: Float64Array, byLogits: Float64Array): Sigmoid => {
  let [slope, intercept] = [0, 0]
  for (let i = 0; i < x.length; i++) {
    const g = byLogits[classes * i + 1]!
    slope += g * x[i]!
    intercept += g
  }
  return { slope, intercept }
}
