/** `relent run`: executes a pipeline, shows its progress, and ends with the tables it made. */
import { run, Store } from "@relent/runtime"
import { view } from "@relent/arrow"
import { Effect } from "effect"
import { perform, storeFolder } from "../application.ts"
import { type Arguments, exitCode, text, texts } from "../command.ts"
import { oneOf, whole } from "../mistake.ts"
import { openPipeline } from "../pipeline.ts"
import { jsonLines, lines } from "../progress.ts"
import { quote, resumeCommand } from "../resume.ts"
import { clean, paint, rowCount, tableText } from "../terminal.ts"

/** Tables that a person can read at the end of a run: few rows, few columns. */
const isSmall = (rows: number, columns: number) => rows <= 30 && columns <= 12

const outputsText = (manifest: Effect.Success<ReturnType<typeof run>>) =>
  Effect.gen(function* () {
    const store = yield* Store
    const tables: Array<string> = []
    for (const [name, { step, port }] of Object.entries(manifest.outputs)) {
      const { digest, rows } = manifest.steps.find((s) => s.id === step)!.outputs[port]!
      const parts = [`${paint("bold", clean(name))}  ${rowCount(rows)}  ${paint("dim", digest.slice(0, 12))}`]
      const table = yield* store.getTable(digest)
      const columns = table.schema.fields.map((field) => field.name)
      const isPlain = !table.schema.metadata.has("relent:kind")
      if (isPlain && isSmall(rows, columns.length)) {
        const all = [...view(table).rows].map((row) => columns.map((column) => row[column]))
        parts.push(tableText(columns, all).replaceAll(/^/gm, "  "))
      }
      tables.push(parts.join("\n"))
    }
    return tables.join("\n\n")
  })

export const runCommand = (given: Arguments): Promise<number> => {
  const file = given.positionals[0]!
  const isJson = given.options["json"] === true
  const watcher = isJson ? jsonLines() : lines()
  const program = Effect.gen(function* () {
    const concurrency = yield* whole("concurrency", text(given, "concurrency") ?? "4", 1)
    const checked = yield* openPipeline(file, given)
    const steps = new Set(checked.pipeline.steps.flatMap((step) => [step.id, step.name]))
    for (const name of texts(given, "force")) yield* oneOf("step", name, [...steps])
    const manifest = yield* run(checked, {
      report: watcher.report,
      concurrency,
      force: texts(given, "force"),
      check: given.options["check"] === true,
      allow: texts(given, "allow"),
    }).pipe(Effect.ensuring(Effect.sync(watcher.close)))
    if (isJson) return exitCode.done
    console.log(yield* outputsText(manifest))
    const one = quote(Object.keys(manifest.outputs)[0] ?? "NAME")
    const where = `results are in ${storeFolder(given)}; relent show lists them, relent table ${one} prints one`
    console.error(paint("dim", where, process.stderr))
    return exitCode.done
  })
  return perform(program, given, resumeCommand("run", given, ["force", "check"]))
}
