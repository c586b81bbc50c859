/** `relent table`: prints a table of a run, its columns, or writes it to a file. */
import { columnsOf, show, view } from "@relent/arrow"
import { suggest } from "@relent/named"
import { Store } from "@relent/runtime"
import { Effect } from "effect"
import { Mistake, perform } from "../application.ts"
import { type Arguments, exitCode, text } from "../command.ts"
import { exportTo, flat } from "../export.ts"
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
