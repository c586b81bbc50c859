/** Where two stored tables first differ: the first batch by its digest, and within it the first value. */
import { type Difference, firstDifference } from "@relent/arrow"
import { Effect } from "effect"
import type { StoreError } from "./error.ts"
import { getBatch, readIndex } from "./objects.ts"

export interface TableDifference extends Difference {
  readonly batch: number
}

/** All digits of a number, and not too much of a text. */
const valueText = (value: unknown): string => {
  if (value === undefined) return "absent"
  if (Object.is(value, -0)) return "-0"
  if (typeof value !== "string") return ArrayBuffer.isView(value) ? `${value.byteLength} bytes` : `${value as number}`
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
}

/** A difference for people: `batch 0, row 3, column 'x'[5]`, and both values. */
export const inWords = ({ batch, row, column, element, before, after }: TableDifference) => ({
  place: `batch ${batch}, row ${row}, column '${column}'${element === undefined ? "" : `[${element}]`}`,
  before: valueText(before),
  after: valueText(after),
})

/** Undefined where all values are equal: then columns, types or metadata are others, or there is no difference. */
export const differenceOf = (
  root: string,
  before: string,
  after: string,
): Effect.Effect<TableDifference | undefined, StoreError> =>
  Effect.gen(function* () {
    const [a, b] = [(yield* readIndex(root, before)).batches, (yield* readIndex(root, after)).batches]
    const differs = (batch: number) => a[batch]?.digest !== b[batch]?.digest
    const batches = Array.from({ length: Math.max(a.length, b.length) }, (_, batch) => batch).filter(differs)
    for (const batch of batches) {
      const rowsBefore = a.slice(0, batch).reduce((sum, { rows }) => sum + rows, 0)
      // The last one of each table stands for one that is missing: without its rows.
      const part = (digest: string, of: typeof a) =>
        batch < of.length
          ? getBatch(root, digest, batch)
          : Effect.map(getBatch(root, digest, of.length - 1), (table) => table.slice(0, 0))
      const found = firstDifference(yield* part(before, a), yield* part(after, b))
      if (found !== undefined) return { ...found, batch, row: rowsBefore + found.row }
    }
    return undefined
  })
