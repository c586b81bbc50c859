/** The columns of a file as a table: declared types hold for every value, the rest is inferred. */
import { build, Column, type Columns, show, type Table, view } from "@relent/arrow"
import { suggest } from "@relent/named"
import { Effect } from "effect"
import type { FileContent, FoundColumn } from "./content.ts"
import { isReady, reader, unfit } from "./convert.ts"
import { FileInvalid, type FileProblem, shownValue } from "./error.ts"

type Report = (problem: FileProblem) => void

/** One column's values as `column` holds them; every value that it can't hold is told. */
const convert = (
  { name, values }: FoundColumn,
  column: Column,
  { rows, lines }: FileContent,
  report: Report,
): ArrayLike<unknown> => {
  if (isReady(column, values)) return values
  const read = reader(column)
  const size = values.length / rows
  return Array.from({ length: rows }, (_, row) => {
    const value =
      Number.isInteger(size) && size !== 1
        ? (values as Float32Array).subarray(row * size, (row + 1) * size)
        : values[row]
    // Text that is missing is empty text, unless it may be null.
    const empty = column.nullable ? null : column.kind === "utf8" && lines ? "" : unfit
    const found = value === null || value === undefined ? empty : read(value)
    if (found === unfit)
      report({ row, ...(lines && { line: lines[row]! }), column: name, wanted: show(column), found: shownValue(value) })
    return found
  })
}

/** Declared columns, and `id` if the file has one; all columns if none are declared. */
const columnsFor = (content: FileContent, declared: Columns | undefined, report: Report): Columns => {
  const names = content.columns.map(({ name }) => name)
  const chosen: Record<string, Column> = {}
  for (const [name, column] of Object.entries(declared ?? {}))
    if (names.includes(name)) chosen[name] = column
    else report({ column: name, wanted: show(column), found: `no such column; ${suggest(name, names, "column")}` })
  for (const { name, type, inferred } of content.columns) {
    if (declared !== undefined && name !== "id") continue
    if (name === "id") chosen[name] = Column.int32
    else if (inferred === undefined) report({ column: name, wanted: "a type that tables hold", found: type })
    else chosen[name] = inferred
  }
  return chosen
}

const hintFor = (problems: ReadonlyArray<FileProblem>): string | undefined => {
  if (problems.some(({ column }) => column === "id"))
    return "ids are whole numbers; call the column something else, and rows are numbered"
  if (problems.some(({ wanted }) => wanted === "a type that tables hold"))
    return "name the columns to read, with types, in 'columns'"
  return undefined
}

/** The table of a file's content. Rows are numbered where it has no column `id`. */
export const tableOf = (
  file: string,
  content: FileContent,
  declared: Columns | undefined,
): Effect.Effect<Table<any>, FileInvalid> =>
  Effect.suspend(() => {
    const problems: Array<FileProblem> = []
    const report: Report = (problem) => void problems.push(problem)
    const columns = columnsFor(content, declared, report)
    const data: Record<string, ArrayLike<unknown>> = {}
    for (const found of content.columns) {
      const column = columns[found.name]
      if (column !== undefined) data[found.name] = convert(found, column, content, report)
    }
    if (problems.length > 0) {
      const hint = hintFor(problems)
      return Effect.fail(new FileInvalid({ file, problems, ...(hint !== undefined && { hint }) }))
    }
    const numbered = columns["id"] === undefined
    const all = { ...(numbered && { id: Column.int32 }), ...columns }
    const ids = numbered && { id: Int32Array.from({ length: content.rows }, (_, i) => i) }
    return Effect.succeed(view(build("datasets/file@1", all, { ...ids, ...data })))
  })
