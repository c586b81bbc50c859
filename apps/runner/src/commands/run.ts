/** `relent run`: executes a pipeline, shows its progress, and ends with the tables it made. */
import { run, Store } from "@relent/runtime"
import { view } from "@relent/arrow"
import { Effect } from "effect"
import { Mistake, openPipeline, perform, storeFolder } from "../application.ts"
import { type Arguments, exitCode, text, texts } from "../command.ts"
import { jsonLines, lines } from "../progress.ts"
import { paint, tableText } from "../terminal.ts"

/** Tables that a person can read at the end of a run: few rows, few columns. */
const isSmall = (rows: number, columns: number) => rows <= 30 && columns <= 12

const concurrencyOf = (given: Arguments) => {
  const value = text(given, "concurrency")
  return value === undefined || /^[1-9]\d*$/.test(value)
    ? Effect.succeed(value === undefined ? 4 : Number(value))
    : Effect.fail(new Mistake({ message: `--concurrency ${value}: wants a whole number above 0` }))
}

/** The command line that goes on from here. */
const quote = (word: string) => (/^[\w./=:@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)
const resumeCommand = (file: string, given: Arguments): string => {
  const options = Object.entries(given.options).flatMap(([name, value]) =>
    name === "force" || name === "check"
      ? []
      : value === true
        ? [`--${name}`]
        : [value].flat().map((v) => `--${name} ${quote(String(v))}`),
  )
  return ["relent run", quote(file), ...options].join(" ")
}

const outputsText = (manifest: Effect.Success<ReturnType<typeof run>>) =>
  Effect.gen(function* () {
    const store = yield* Store
    const parts: Array<string> = []
    for (const [name, { step, port }] of Object.entries(manifest.outputs)) {
      const { digest, rows } = manifest.steps.find((s) => s.id === step)!.outputs[port]!
      parts.push(`${paint("bold", name)}  ${rows} rows  ${paint("dim", digest.slice(0, 12))}`)
      const table = yield* store.getTable(digest)
      const columns = table.schema.fields.map((field) => field.name)
      const isPlain = !table.schema.metadata.has("relent:kind")
      if (isPlain && isSmall(rows, columns.length)) {
        const all = [...view(table).rows].map((row) => columns.map((column) => row[column]))
        parts.push(tableText(columns, all).replaceAll(/^/gm, "  "))
      }
    }
    return parts.join("\n")
  })

export const runCommand = async (given: Arguments): Promise<number> => {
  const file = given.positionals[0]!
  const isJson = given.options["json"] === true
  const watcher = isJson ? jsonLines() : lines()
  const opened = Effect.gen(function* () {
    const { checked, plugins } = yield* openPipeline(file, given)
    return { checked, plugins, concurrency: yield* concurrencyOf(given) }
  })
  let plan: Effect.Success<typeof opened> | undefined
  const code = await perform(
    Effect.map(opened, (o) => void (plan = o)),
    given,
  )
  if (plan === undefined) return code
  const { checked, plugins, concurrency } = plan
  const program = Effect.gen(function* () {
    const manifest = yield* run(checked, {
      report: watcher.report,
      concurrency,
      force: texts(given, "force"),
      check: given.options["check"] === true,
      allow: texts(given, "allow"),
    }).pipe(Effect.ensuring(Effect.sync(watcher.close)))
    if (isJson) return exitCode.done
    console.log(yield* outputsText(manifest))
    console.error(
      paint(
        "dim",
        `tables are in ${storeFolder(given)}; relent show lists them, relent table STEP.OUTPUT prints one`,
        process.stderr,
      ),
    )
    return exitCode.done
  })
  return perform(program, given, { resume: resumeCommand(file, given), plugins })
}
