/** CSV and TSV: a line of names, then a line a row; types follow from the texts where none are declared. */
import { isUtf8 } from "node:buffer"
import { Readable } from "node:stream"
import { setImmediate } from "node:timers/promises"
import { Column } from "@relent/arrow"
import type { SourceFile, StageError } from "@relent/stage"
import { CsvError, parse } from "csv-parse"
import { Effect } from "effect"
import type { FileContent, FoundColumn, Wanted } from "./content.ts"
import { reader, unfit } from "./convert.ts"
import { FileInvalid, type FileProblem, shownValue } from "./error.ts"

export interface CsvOptions {
  readonly delimiter: string
  /** Cells that hold no value. */
  readonly missing: ReadonlyArray<string>
}

/** Bytes parsed before others have their turn. */
const chunk = 2 ** 18

const chunks = async function* (bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += chunk) {
    yield bytes.subarray(at, at + chunk)
    await setImmediate()
  }
}

/** A record, and the line that it ends in. */
interface Parsed {
  readonly record: ReadonlyArray<string>
  readonly info: { readonly lines: number }
}

const breaks = (record: ReadonlyArray<string>) =>
  record.reduce((n, cell) => n + (cell.includes("\n") ? cell.split("\n").length - 1 : 0), 0)

/** `007` is a text, since a number would lose its zeros. */
const isCode = (text: string) => /^[+-]?0\d/.test(text.trim())

const candidates = [Column.bool, Column.int32, Column.int64, Column.float64]

/** The narrowest type that loses nothing of any cell. */
export const inferColumn = (cells: ReadonlyArray<string | null>): Column => {
  const present = cells.filter((cell) => cell !== null)
  const fits = (column: Column) => {
    const read = reader(column)
    return present.every((cell) =>
      column.kind === "bool"
        ? /^(true|false)$/i.test(cell)
        : !isCode(cell) && read(cell) !== unfit && (column.kind === "float64" || /^[+-]?\d+$/.test(cell.trim())),
    )
  }
  // Whole numbers beyond int64 would lose digits as float64.
  const long = present.some((cell) => /^[+-]?\d{16,}$/.test(cell.trim()))
  const found =
    present.length === 0 ? undefined : candidates.find((column) => !(long && column.kind === "float64") && fits(column))
  const column = found ?? Column.utf8
  return present.length < cells.length ? Column.nullable(column) : column
}

const namesProblem = (names: ReadonlyArray<string>): FileProblem | undefined => {
  const unnamed = names.findIndex((name) => name.trim() === "")
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  const wanted = "a name for each column"
  if (unnamed >= 0) return { line: 1, wanted, found: `none for column ${unnamed + 1}` }
  if (twice !== undefined) return { line: 1, wanted, found: `'${twice}' twice` }
  return names.every((name) => reader(Column.float64)(name) !== unfit)
    ? { line: 1, wanted, found: `numbers: ${names.slice(0, 4).join(", ")}` }
    : undefined
}

/** Reads a CSV file. */
export const readCsv = (
  file: string,
  source: SourceFile,
  { delimiter, missing }: CsvOptions,
  wanted: Wanted,
): Effect.Effect<FileContent, FileInvalid | StageError> =>
  Effect.gen(function* () {
    const refuse = (problems: ReadonlyArray<FileProblem>, hint?: string) =>
      new FileInvalid({ file, problems, ...(hint !== undefined && { hint }) })
    const bytes = yield* source.bytes
    if (bytes.length === 0)
      return yield* refuse([{ wanted: "a line of names and a line a row", found: "an empty file" }])
    if (!isUtf8(bytes) || bytes.includes(0))
      return yield* refuse([{ wanted: "text in UTF-8", found: "other bytes" }], "save it as CSV in UTF-8")

    const records: Array<ReadonlyArray<string>> = []
    const lines: Array<number> = []
    yield* Effect.tryPromise({
      try: async (signal) => {
        const options = { delimiter, bom: true, info: true, relax_column_count: true, skip_empty_lines: true }
        const parser = Readable.from(chunks(bytes), { objectMode: false }).compose(parse(options), { signal })
        for await (const { record, info } of parser as AsyncIterable<Parsed>) {
          records.push(record)
          lines.push(info.lines - breaks(record))
        }
      },
      catch: (error) => {
        if (!(error instanceof CsvError)) throw error
        const line = (error as { readonly lines?: number }).lines
        const found = error.code === "CSV_QUOTE_NOT_CLOSED" ? "a quote that isn't closed" : error.message
        return refuse([{ ...(line !== undefined && { line }), wanted: "sound CSV", found }], "was it cut off?")
      },
    })
    const [names = [], ...rows] = records
    const unnamed = namesProblem(names)
    if (unnamed)
      return yield* refuse([unnamed], "begin the file with a line of names (pandas: to_csv(path, index=False))")
    const rowLines = lines.slice(1)
    const ragged = rows.flatMap((cells, row): ReadonlyArray<FileProblem> =>
      cells.length === names.length
        ? []
        : [
            {
              row,
              line: rowLines[row]!,
              wanted: `${names.length} cells`,
              found: `${cells.length}: ${cells.slice(0, 3).map(shownValue).join(", ")}`,
            },
          ],
    )
    if (ragged.length > 0)
      return yield* refuse(
        ragged,
        names.length === 1 ? "name the 'delimiter' if it isn't a comma" : "quote cells that hold the delimiter",
      )
    const none = new Set(missing)
    const columns = names.flatMap((name, i): ReadonlyArray<FoundColumn> => {
      if (wanted && !wanted.has(name)) return []
      const values = rows.map((cells) => (none.has(cells[i]!) ? null : cells[i]!))
      return [
        {
          name,
          type: "text",
          values,
          get inferred() {
            return inferColumn(values)
          },
        },
      ]
    })
    return { rows: rows.length, columns, lines: rowLines }
  })
