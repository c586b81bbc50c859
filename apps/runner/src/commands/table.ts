/** `relent table`: prints a table of a run, its columns, or writes it to a file. */
import { copyFileSync, writeFileSync } from "node:fs"
import { extname } from "node:path"
import { columnsOf, show, view } from "@relent/arrow"
import { suggest } from "@relent/named"
import { objectPath, Store } from "@relent/runtime"
import type { Table } from "apache-arrow"
import { Effect } from "effect"
import { Mistake, perform } from "../application.ts"
import { type Arguments, exitCode, text } from "../command.ts"
import { manifestOf } from "../manifest.ts"
import { paint, tableText } from "../terminal.ts"

/** The digest that a reference means: itself, or the table of a step and port. */
const digestOf = (reference: string, given: Arguments) =>
  Effect.gen(function* () {
    const manifest = yield* manifestOf(text(given, "run"))
    const known = manifest.steps.flatMap((s) =>
      Object.entries(s.outputs).map(([port, o]) => [`${s.id}.${port}`, o.digest] as const),
    )
    const found =
      known.find(([name]) => name === reference) ??
      known.find(([, digest]) => reference.length >= 6 && digest.startsWith(reference))
    if (found !== undefined) return found[1]
    if (/^[0-9a-f]{64}$/.test(reference)) return reference
    const names = known.map(([name]) => name)
    return yield* new Mistake({ message: `'${reference}': ${suggest(reference, names, `table in ${manifest.run}`)}` })
  })

/** A value of one cell for a text file. */
const flat = (value: unknown): string | number | boolean =>
  typeof value === "number" || typeof value === "boolean" || typeof value === "string"
    ? value
    : ArrayBuffer.isView(value) || Array.isArray(value)
      ? JSON.stringify(Array.from(value as ArrayLike<unknown>))
      : value === null || value === undefined
        ? ""
        : `${value as bigint}`

const writeCsv = async (table: Table, file: string) => {
  const { stringify } = await import("csv-stringify/sync")
  const names = table.schema.fields.map((f) => f.name)
  const rows = [...view(table).rows].map((row) => names.map((name) => flat(row[name])))
  writeFileSync(file, stringify([names, ...rows]))
}

const writeParquet = async (table: Table, file: string) => {
  const { parquetWriteBuffer } = await import("hyparquet-writer")
  const { columns } = view(table)
  const kinds = columnsOf(table)
  const columnData = Object.entries(columns).map(([name, data]) => ({
    name,
    // Tensors and lists have no plain Parquet column: they are written as JSON texts.
    data:
      kinds[name]!.shape || kinds[name]!.kind === "list"
        ? [...view(table).rows].map((row) => String(flat(row[name])))
        : (Array.from(data as ArrayLike<unknown>) as Array<never>),
  }))
  writeFileSync(file, new Uint8Array(parquetWriteBuffer({ columnData })))
}

const exportTo = (file: string, table: Table, root: string, digest: string) =>
  Effect.tryPromise({
    try: async () => {
      const kind = extname(file)
      if (kind === ".arrow") copyFileSync(objectPath(root, digest), file)
      else if (kind === ".csv") await writeCsv(table, file)
      else if (kind === ".parquet") await writeParquet(table, file)
      else throw new Mistake({ message: `--export ${file}: wants a file ending in .csv, .arrow or .parquet` })
    },
    catch: (error) =>
      error instanceof Mistake ? error : new Mistake({ message: `${file}: ${(error as Error).message}` }),
  })

export const tableCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const head = text(given, "head") ?? "10"
      if (!/^\d+$/.test(head)) return yield* new Mistake({ message: `--head ${head}: wants a number of rows` })
      const store = yield* Store
      const digest = yield* digestOf(given.positionals[0]!, given)
      const table = yield* store.getTable(digest)
      const file = text(given, "export")
      if (file !== undefined) {
        yield* exportTo(file, table, store.root, digest)
        console.log(`${table.numRows} rows in ${file}`)
      } else if (given.options["schema"] === true) {
        console.log(
          tableText(
            ["column", "type"],
            Object.entries(columnsOf(table)).map(([name, column]) => [name, show(column)]),
          ),
        )
      } else {
        const names = table.schema.fields.map((f) => f.name)
        const rows = [...view(table.slice(0, Number(head))).rows]
        if (given.options["json"] === true)
          console.log(JSON.stringify(rows.map((row) => Object.fromEntries(names.map((n) => [n, flat(row[n])])))))
        else {
          console.log(
            tableText(
              names,
              rows.map((row) => names.map((name) => row[name])),
            ),
          )
          if (table.numRows > rows.length)
            console.log(paint("dim", `${rows.length} of ${table.numRows} rows; --head N shows more`))
        }
      }
      return exitCode.done
    }),
    given,
  )
