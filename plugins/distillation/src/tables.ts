/** The tables of this plugin, and the features of a table of examples. */
import { Column, product, type Table, columnsOf, TableSchema } from "@relent/arrow"
import type { Features } from "@relent/nn"
import { StageError } from "@relent/stage"
import { Effect } from "effect"

/** What examples need: an id, by which logits are joined, and a label. Features are `image` (bytes) or `x` (floats). */
export const examples = { id: Column.int32, label: Column.int32 }

/** Logits of examples. A teacher made elsewhere is such a table too. */
export const Logits = TableSchema.make("distillation/logits", 1, {
  id: Column.int32,
  logits: Column.tensor("float32", ["classes"]),
})

/** How good the members of a model are. */
export const Evaluation = TableSchema.make("distillation/evaluation", 1, {
  member: Column.int32,
  accuracy: Column.float64,
  nll: Column.float64,
  brier: Column.float64,
  ece: Column.float64,
})

/** The features of a table: images of bytes are scaled to [0, 1]. */
export const featuresOf = (table: Table<any>): Effect.Effect<Features, StageError> => {
  const columns = columnsOf(table.arrow)
  for (const [name, dtype, scale] of [
    ["image", "uint8", 1 / 255],
    ["x", "float32", 1],
  ] as const) {
    const column = columns[name]
    if (column?.shape === undefined || column.dtype !== dtype) continue
    return Effect.succeed({
      values: table.columns[name],
      width: product(column.shape),
      scale,
    })
  }
  return Effect.fail(
    new StageError({
      message: `there is no column of features: the table has ${Object.keys(columns).join(", ")}`,
      hint: "features are a column 'image' (tensor of uint8) or 'x' (tensor of float32)",
    }),
  )
}

/** The number of classes: one more than the largest label. Labels below 0 are refused. */
export const classesOf = (labels: Int32Array): Effect.Effect<number, StageError> => {
  const least = labels.reduce((a, v) => Math.min(a, v), 0)
  const most = labels.reduce((a, v) => Math.max(a, v), 0)
  if (labels.length === 0) return Effect.fail(new StageError({ message: "there are no examples", hint: "give rows" }))
  return least < 0
    ? Effect.fail(new StageError({ message: `label ${least} is below 0`, hint: "labels are 0 ... classes - 1" }))
    : Effect.succeed(Math.max(2, most + 1))
}
