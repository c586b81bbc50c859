/** Writes tables as files, and what is in them as JSON, for pyarrow to compare. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { columnsOf, encodeTable, rowsPerBatch, show, TableSchema, writeTable } from "@relent/arrow"
import type { Table } from "apache-arrow"
import { Effect, Stream } from "effect"
import { Everything, type Row, rowsOf } from "./everything.ts"
import { encodeCell } from "./values.ts"

/** What a file must hold: columns in order with relent's words for their types, rows, rows of each batch. */
export const describe = (table: Table, rows: ReadonlyArray<Row>) => {
  const columns = Object.entries(columnsOf(table))
  return {
    metadata: Object.fromEntries(table.schema.metadata),
    columns: columns.map(([name, column]) => ({ name, type: show(column) })),
    rows: rows.map((row) => columns.map(([name, { kind }]) => encodeCell(kind, row[name as keyof Row]))),
  }
}

/** Columns of each layout, for a table of more than one batch. */
const { id, maybeText, point, maybeIds } = Everything.columns
const Long = TableSchema.make("interop/long", 1, { id, maybeText, point, maybeIds })

/** The files: a few rows, none, and several batches, of a stream whose pieces are cut elsewhere. */
export const writeOurs = (folder: string): Promise<void> =>
  Effect.runPromise(
    Effect.gen(function* () {
      const most = rowsPerBatch(Object.values(Long.columns))
      const options = { metadata: { note: "ä☃", "": "empty key" } }
      const [few, many] = [rowsOf(23), rowsOf(most + 5)]
      const cases = [
        ["few", few, [23], Everything.fromRows(few, options).arrow],
        ["none", [], [0], Everything.fromRows([], options).arrow],
        ["many", many, [most, 5], Long.fromRows(many, options).arrow],
      ] as const
      for (const [name, rows, batches, arrow] of cases) {
        const half = rows.length >> 1
        const pieces = Stream.fromIterable([arrow.slice(0, half), arrow.slice(half)], { chunkSize: 1 })
        yield* writeTable(join(folder, `${name}.arrow`), rows.length === 0 ? arrow : pieces)
        // The store writes the same bytes without a file system in between.
        writeFileSync(join(folder, `${name}-object.arrow`), Buffer.concat([...encodeTable(arrow)]))
        writeFileSync(join(folder, `${name}.json`), JSON.stringify({ ...describe(arrow, rows), batches }))
      }
    }),
  )
