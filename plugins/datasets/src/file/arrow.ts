/** Arrow IPC, file or stream: columns of relent's types are taken as they are, near ones are widened. */
import { Column, heldColumns, isForeign, readTable, view } from "@relent/arrow"
import * as A from "apache-arrow"
import { Effect } from "effect"
import type { FileContent, FoundColumn, Wanted } from "./content.ts"
import { FileInvalid } from "./error.ts"

/** A type of relent's that holds all values of one that relent doesn't have. */
const widened = (type: A.DataType): Column | undefined => {
  if (A.DataType.isDictionary(type)) return A.DataType.isUtf8(type.dictionary) ? Column.utf8 : widened(type.dictionary)
  if (A.DataType.isLargeUtf8(type)) return Column.utf8
  if (A.DataType.isFloat(type)) return Column.float32
  if (!A.DataType.isInt(type)) return undefined
  return type.bitWidth < 32 ? Column.int32 : Column.int64
}

/** Reads an Arrow file. */
export const readArrow = (file: string, path: string, wanted: Wanted): Effect.Effect<FileContent, FileInvalid> =>
  Effect.gen(function* () {
    const table = yield* readTable(path).pipe(
      Effect.mapError(
        ({ what, hint }) =>
          new FileInvalid({
            file,
            problems: [{ wanted: "an Arrow file", found: `that ${what}` }],
            ...(hint !== undefined && { hint }),
          }),
      ),
    )
    const held = heldColumns(table)
    const { columns } = view(table, held)
    return {
      rows: table.numRows,
      columns: table.schema.fields.flatMap(({ name, type }): ReadonlyArray<FoundColumn> => {
        if (wanted && !wanted.has(name)) return []
        const column = held[name]!
        const known = isForeign(column) ? widened(type) : column
        const inferred = known && column.nullable ? Column.nullable(known) : known
        return [
          {
            name,
            type: column.kind,
            inferred,
            get values() {
              return columns[name]!
            },
          },
        ]
      }),
    }
  })
