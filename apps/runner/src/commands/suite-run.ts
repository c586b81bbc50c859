/** `relent suite run`: judges the claims of suites, and compares the verdicts with the recorded ones. */
import { readFileSync, writeFileSync } from "node:fs"
import { run } from "@relent/runtime"
import {
  checkArms,
  hasChanged,
  judgeRun,
  junit,
  manyTests,
  markdown,
  type Outcome,
  seedsOf,
  type Size,
} from "@relent/suite"
import { Effect } from "effect"
import { parseDocument } from "yaml"
import { perform } from "../application.ts"
import { claimJudged } from "../claim.ts"
import { type Arguments, exitCode, text as textOf } from "../command.ts"
import { helpers, helpersOf } from "../helpers.ts"
import { whole } from "../mistake.ts"
import { jsonLines, lines } from "../progress.ts"
import { resumeCommand } from "../resume.ts"
import { labelsOf, openSuite, ownSuites, pipelineOf, suiteFile } from "../suites.ts"
import { cell, jsonText, paint, tableText } from "../terminal.ts"

/** Runs the pipeline of a suite and judges its claims. */
const judgeSuite = (file: string, size: Size, watcher: ReturnType<typeof lines>) =>
  Effect.gen(function* () {
    const suite = yield* openSuite(file)
    const checked = yield* pipelineOf(suite, file, size)
    yield* checkArms(suite, checked)
    const manifest = yield* run(checked, { report: watcher.report, labels: labelsOf(suite.suite, file, size) })
    const outcomes = yield* judgeRun(suite, manifest, size)
    return {
      manifest,
      judged: { suite: suite.suite, source: suite.source, size, seeds: seedsOf(suite, size), outcomes },
    }
  })

/** Writes the verdicts into the suite, and leaves the rest of the document as it is. */
const accept = (file: string, outcomes: ReadonlyArray<Outcome>, size: Size) => {
  const document = parseDocument(readFileSync(file, "utf8"))
  for (const { claim, verdict } of outcomes) document.setIn(["claims", claim, "recorded", size], verdict)
  writeFileSync(file, document.toString({ lineWidth: 120 }))
}

const style = { reproduced: "green", "not reproduced": "red", undecided: "yellow" } as const

const verdicts = (outcomes: ReadonlyArray<Outcome>): string => {
  const rows = outcomes.map((o) => [
    `${o.suite}/${o.claim}`,
    o.verdict,
    o.recorded === undefined ? "new" : hasChanged(o) ? `was ${o.recorded}` : "as recorded",
    `${cell(o.interval.mean)} [${cell(o.interval.low)}, ${cell(o.interval.high)}]`,
    `${o.wins}/${o.seeds}`,
    o.metric,
  ])
  const table = tableText(["claim", "verdict", "record", "difference [95 %]", "seeds", "metric"], rows)
  return table.replaceAll(/(?<= )(not reproduced|reproduced|undecided)(?= {2,}(?:new|was|as))/g, (word) =>
    paint(style[word as keyof typeof style], word),
  )
}

/** What is known of a claim beforehand, and what to bear in mind of many. */
const remarks = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<string> => [
  ...outcomes.flatMap(({ suite, claim, expected }) =>
    expected === undefined ? [] : [`${suite}/${claim}: expected ${expected.verdict}: ${expected.why}`],
  ),
  ...[manyTests(outcomes) ?? []].flat(),
]

/** A suite is named by its file, or, where it comes with relent, by its name. */
const fileOf = (name: string) => Effect.map(suiteFile(name), (file) => file ?? name)

export const suiteRunCommand = (given: Arguments): Promise<number> => {
  const size: Size = given.options["quick"] === true ? "quick" : "full"
  const isJson = given.options["json"] === true
  const watcher = isJson ? jsonLines() : lines()
  return perform(
    Effect.gen(function* () {
      const files = given.positionals.length > 0 ? yield* Effect.forEach(given.positionals, fileOf) : yield* ownSuites
      const jobs = yield* whole("jobs", textOf(given, "jobs") ?? "1", 1)
      process.env["RELENT_PROCESSES"] = String(jobs) // they share the processors
      yield* helpers(helpersOf(files, given, jobs))
      const runs: Array<Effect.Success<ReturnType<typeof judgeSuite>>> = []
      for (const file of files) {
        const one = yield* judgeSuite(file, size, watcher)
        runs.push(one)
        if (given.options["accept"] === true) accept(file, one.judged.outcomes, size)
      }
      const all = runs.flatMap(({ judged }) => judged.outcomes)
      const [forCi, text, page] = ["junit", "markdown", "html"].map((name) => textOf(given, name))
      if (forCi !== undefined) writeFileSync(forCi, junit(all))
      if (text !== undefined) writeFileSync(text, markdown(all))
      if (page !== undefined) {
        const { writeReport } = yield* Effect.promise(() => import("./report.ts"))
        console.error(yield* writeReport(page, runs))
      }
      if (isJson) for (const outcome of all) console.log(jsonText(claimJudged(outcome)))
      else console.log([verdicts(all), ...remarks(all)].join("\n"))
      const changed = all.filter(hasChanged).length
      if (given.options["check"] !== true || changed === 0) return exitCode.done
      console.error(`${changed} of ${all.length} verdicts differ from the record; --accept records them`)
      return exitCode.verdict
    }).pipe(Effect.scoped, Effect.ensuring(Effect.sync(watcher.close))),
    given,
    resumeCommand("suite run", given),
  )
}
