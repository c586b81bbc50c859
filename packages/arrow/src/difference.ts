/** Where two tables first differ, by the order of rows and of columns. */
import type * as A from "apache-arrow"
import { tensorRows } from "./object.ts"
import { view } from "./table.ts"

export interface Difference {
  readonly row: number
  /** Of a domain object: the path of the tensor. */
  readonly column: string
  /** Of a tensor, a list or bytes: the element, counted flat. */
  readonly element?: number
  /** The value, or the element; undefined where one table has no such row, column or element. */
  readonly before: unknown
  readonly after: unknown
}

const isArray = (value: unknown): value is ArrayLike<unknown> => typeof value === "object" && value !== null

type Values = Pick<Difference, "element" | "before" | "after">

/** -0 differs from 0; a value that is no number is itself. */
const compare = (before: unknown, after: unknown): Values | undefined => {
  if (!isArray(before) || !isArray(after)) return Object.is(before, after) ? undefined : { before, after }
  const length = Math.max(before.length, after.length)
  for (let i = 0; i < length; i++)
    if (!Object.is(before[i], after[i])) return { element: i, before: before[i], after: after[i] }
  return undefined
}

const rowsOf = (table: A.Table): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  (table.schema.metadata.has("relent:kind") ? tensorRows(table) : undefined) ?? [...view(table).rows]

/** The first value that differs; undefined for equal values, of whatever types. */
export const firstDifference = (before: A.Table, after: A.Table): Difference | undefined => {
  const [a, b] = [rowsOf(before), rowsOf(after)]
  for (let row = 0; row < Math.max(a.length, b.length); row++)
    for (const column of Object.keys({ ...a[row], ...b[row] })) {
      const found = compare(a[row]?.[column], b[row]?.[column])
      if (found !== undefined) return { row, column, ...found }
    }
  return undefined
}
