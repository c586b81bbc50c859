/** Labels as rows over the classes: one-hot, or mixtures of classes. */
import { columnsOf, type Table } from "@relent/arrow"
import { type Batch, inputsOf, oneHotOf } from "@relent/nn"
import { StageError } from "@relent/stage"
import type { Tensor } from "@relent/tensor"
import { Effect } from "effect"
import { classesOf, type examples } from "./tables.ts"

export interface Labels {
  readonly classes: number
  /** How many classes a row mixes at most. */
  readonly mixes: number
  /** `[members, size, classes]`; every row sums to 1. */
  readonly rows: (batch: Batch) => Tensor
}

const wrong = (message: string, hint: string) => Effect.fail(new StageError({ message, hint }))

/** What is wrong with a row of a mixture, if anything. */
const misfit = (row: Float32Array, label: number): string | undefined => {
  if (!row.every((v) => v >= 0) || Math.abs(row.reduce((a, v) => a + v, 0) - 1) > 1e-4) return "are no distribution"
  return row[label] === Math.max(...row) ? undefined : `are largest at another class than its label ${label}`
}

/**
 * Labels of a table: one class a row, or, where it has a column `labels` (tensor of float32 `[classes]`, as mixup makes them), a
 * distribution over the classes, largest at `label`.
 */
export const labelsOf = (data: Table<typeof examples>): Effect.Effect<Labels, StageError> =>
  Effect.gen(function* () {
    const { label } = data.columns
    const named = yield* classesOf(label)
    const column = columnsOf(data.arrow)["labels"]
    if (column === undefined) return { classes: named, mixes: 1, rows: (batch: Batch) => oneHotOf(label, named, batch) }
    const [classes, ...more] = column.shape ?? []
    if (column.dtype !== "float32" || typeof classes !== "number" || more.length > 0)
      return yield* wrong(
        "column 'labels' is no tensor of float32 [classes]",
        "give a distribution a row, or rename it",
      )
    if (classes < Math.max(2, named))
      return yield* wrong(
        `column 'labels' has ${classes} classes, 'label' names ${named}`,
        "use the same classes in both",
      )
    const values = (data.columns as unknown as { readonly labels: Float32Array }).labels
    let mixes = 0
    for (const [i, y] of label.entries()) {
      const row = values.subarray(i * classes, (i + 1) * classes)
      const problem = misfit(row, y)
      if (problem !== undefined)
        return yield* wrong(`the labels of id ${data.columns.id[i]} ${problem}`, "shares of the classes sum to 1")
      mixes = Math.max(mixes, row.filter((v) => v > 0).length)
    }
    return { classes, mixes, rows: (batch: Batch) => inputsOf({ values, width: classes, scale: 1 }, batch) }
  })
