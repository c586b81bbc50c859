/** `relent diff`: what differs between two runs, step by step. */
import { view } from "@relent/arrow"
import { changes, inWords, Store } from "@relent/runtime"
import { Effect } from "effect"
import { perform } from "../application.ts"
import { type Arguments, exitCode } from "../command.ts"
import { manifestOf } from "../manifest.ts"
import { cell, clean, jsonText, paint } from "../terminal.ts"

type Row = Readonly<Record<string, unknown>>

interface Difference {
  readonly step: string
  readonly causes: ReadonlyArray<string>
  readonly results: ReadonlyArray<{ readonly port: string; readonly numbers: ReadonlyArray<string> }>
}

interface Stored {
  readonly digest: string
  readonly rows: number
}

/** Of a table of more rows only the first difference is told. */
const most = 5

/** The numbers that differ between two small tables: `row 0: accuracy 0.91 -> 0.92`; of others the first value. */
const compare = (port: string, before: Stored | undefined, after: Stored) =>
  Effect.gen(function* () {
    if (before === undefined) return { port, numbers: [] }
    const store = yield* Store
    if (before.rows !== after.rows || after.rows > most) {
      const found = yield* Effect.result(store.differenceOf(before.digest, after.digest))
      if (found._tag === "Failure" || found.success === undefined) return { port, numbers: [] }
      const { place, before: old, after: now } = inWords(found.success)
      return { port, numbers: [`first in ${place}: ${old} -> ${now}`] }
    }
    // What gc has removed can't be compared.
    const both = yield* Effect.result(Effect.all([store.getTable(before.digest), store.getTable(after.digest)]))
    if (both._tag === "Failure") return { port, numbers: [] }
    const rowsOf = (i: 0 | 1): ReadonlyArray<Row> => [...view(both.success[i]).rows]
    const [a, b] = [rowsOf(0), rowsOf(1)]
    const numbers = b.flatMap((row, i) =>
      Object.entries(row).flatMap(([column, value]) => {
        const old = a[i]![column]
        if (typeof value !== "number" || typeof old !== "number" || Object.is(value, old)) return []
        return [`${after.rows > 1 ? `row ${i}: ` : ""}${column} ${cell(old)} -> ${cell(value)}`]
      }),
    )
    return { port, numbers }
  })

export const diffCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const [before, after] = [yield* manifestOf(given.positionals[0]), yield* manifestOf(given.positionals[1])]
      const ids = [...new Set([...before.steps, ...after.steps].map((s) => s.id))]
      const differenceOf = Effect.fnUntraced(function* (step: string) {
        const [a, b] = [before.steps.find((s) => s.id === step), after.steps.find((s) => s.id === step)]
        if (a === undefined || b === undefined)
          return { step, causes: [`only in ${a ? before.run : after.run}`], results: [] } satisfies Difference
        const ports = Object.keys(b.outputs).filter((port) => a.outputs[port]?.digest !== b.outputs[port]!.digest)
        const results = yield* Effect.forEach(ports, (port) => compare(port, a.outputs[port], b.outputs[port]!))
        return { step, causes: changes(a.parts, b.parts), results } satisfies Difference
      })
      const found = (yield* Effect.forEach(ids, differenceOf)).filter((d) => d.causes.length + d.results.length > 0)
      if (given.options["json"] === true) console.log(jsonText(found))
      else if (found.length === 0) console.log("The runs are the same: keys and results.")
      for (const { step, causes, results } of given.options["json"] === true ? [] : found) {
        console.log(paint("bold", clean(step)))
        for (const cause of causes) console.log(`  ${clean(cause)}`)
        if (results.length === 0) console.log("  results are the same")
        else console.log(`  results differ: ${clean(results.map((r) => r.port).join(", "))}`)
        for (const { port, numbers } of results)
          for (const number of numbers) console.log(clean(`    ${port}: ${number}`))
      }
      return exitCode.done
    }),
    given,
  )
