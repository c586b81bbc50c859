/** Labels as rows over the classes: one-hot, or mixtures of classes. */
import { columnsOf, type Table } from "@relent/arrow"
import { type Batch, type Inputs, inputsOf, oneHotOf } from "@relent/nn"
import { StageError } from "@relent/stage"
import type { Tree } from "@relent/tensor"
import { Effect } from "effect"
import type { SelfLossInput } from "./self-loss/self-loss.ts"
import { classesOf, type examples } from "./tables.ts"

export interface Labels {
  readonly classes: number
  /** How many classes a row mixes at most. */
  readonly mixes: number
  /** What a batch brings: `[members, size, classes]` each. */
  readonly inputs: (batch: Batch) => Inputs
  /** The same on the device, as losses take it. */
  readonly of: (inputs: Tree) => Pick<SelfLossInput, "labels" | "targets">
}

/** The largest and the second largest of a row's values above 0, as rows with 1 at the class: of equals the first is larger. */
export const targetsOf = (values: Float32Array, classes: number): readonly [Float32Array, Float32Array] => {
  const targets = [new Float32Array(values.length), new Float32Array(values.length)] as const
  for (let from = 0; from < values.length; from += classes) {
    const row = values.subarray(from, from + classes)
    const order = [...row.keys()].filter((c) => row[c]! > 0).toSorted((a, b) => row[b]! - row[a]!)
    targets.forEach((target, i) => order[i] !== undefined && (target[from + order[i]] = 1))
  }
  return targets
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
    if (column === undefined)
      return {
        classes: named,
        mixes: 1,
        inputs: (batch: Batch) => ({ labels: oneHotOf(label, named, batch) }),
        of: ({ labels }: Tree) => ({ labels: labels!, targets: [labels!] }),
      }
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
    const [first, second] = targetsOf(values, classes)
    const rows = (values: Float32Array, batch: Batch) => inputsOf({ values, width: classes, scale: 1 }, batch)
    return {
      classes,
      mixes,
      inputs: (batch: Batch) => ({
        labels: rows(values, batch),
        first: rows(first, batch),
        second: rows(second, batch),
      }),
      of: ({ labels, first, second }: Tree) => ({ labels: labels!, targets: [first!, second!] }),
    }
  })
