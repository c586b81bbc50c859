/** `relent table`: prints a table of a run, its columns, or writes it to a file. */
import { columnsOf, show, view } from "@relent/arrow"
import { suggest } from "@relent/named"
import { objectPath, Store } from "@relent/runtime"
import { Effect } from "effect"
import { perform } from "../application.ts"
import { type Arguments, exitCode, text } from "../command.ts"
import { exportTo, flat } from "../export.ts"
import { manifestOf } from "../manifest.ts"
import { Mistake, whole } from "../mistake.ts"
import { jsonText, paint, tableText } from "../terminal.ts"

/** The digest that a reference means: itself, the table of a step and port, or an output of the pipeline. */
const digestOf = (reference: string, given: Arguments) =>
  Effect.gen(function* () {
    const manifest = yield* manifestOf(text(given, "run"))
    const known = manifest.steps.flatMap((s) =>
      Object.entries(s.outputs).map(([port, o]) => [`${s.id}.${port}`, o.digest] as const),
    )
    const outputs = Object.entries(manifest.outputs).flatMap(([name, { step, port }]) => {
      const digest = manifest.steps.find((s) => s.id === step)?.outputs[port]?.digest
      return digest === undefined ? [] : [[name, digest] as const]
    })
    const found =
      [...outputs, ...known].find(([name]) => name === reference) ??
      known.find(([, digest]) => reference.length >= 6 && digest.startsWith(reference))
    if (found !== undefined) return found[1]
    if (/^[0-9a-f]{64}$/.test(reference)) return reference
    const names = [...new Set([...outputs, ...known].map(([name]) => name))]
    return yield* new Mistake({
      message: `'${reference}': ${suggest(reference, names, `table in ${manifest.run}`)}`,
      hint: "relent show lists the tables of a run",
    })
  })

export const tableCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const head = yield* whole("head", text(given, "head") ?? "10", 0)
      const store = yield* Store
      const digest = yield* digestOf(given.positionals[0]!, given)
      const table = yield* store.getTable(digest)
      const file = text(given, "export")
      if (file !== undefined) {
        yield* exportTo(file, table, objectPath(store.root, digest))
      } else if (given.options["schema"] === true) {
        console.log(
          tableText(
            ["column", "type"],
            Object.entries(columnsOf(table)).map(([name, column]) => [name, show(column)]),
          ),
        )
      } else {
        const names = table.schema.fields.map((f) => f.name)
        const rows = [...view(table.slice(0, head)).rows]
        if (given.options["json"] === true)
          console.log(jsonText(rows.map((row) => Object.fromEntries(names.map((n) => [n, flat(row[n])])))))
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
