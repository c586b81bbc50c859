/** `relent report`: a run, or suites, as one HTML file. */
import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { report, type Reported } from "@relent/report"
import { type Manifest, Store } from "@relent/runtime"
import { Effect } from "effect"
import { perform } from "../application.ts"
import { type Arguments, exitCode, text } from "../command.ts"
import { manifestOf } from "../manifest.ts"
import { because, Mistake } from "../mistake.ts"
import { quote } from "../resume.ts"
import { cleanLines } from "../terminal.ts"
import { judgeAgain, openSuite, suiteFile } from "../suites.ts"

const writePage = (file: string, page: string): Effect.Effect<void, Mistake> =>
  Effect.try({
    try: () => writeFileSync(file, page),
    catch: (error) => new Mistake({ message: `${file}: ${because(error)}`, hint: "give another file with --out" }),
  })

/** Writes the page of these runs. */
export const writeReport = (file: string, runs: ReadonlyArray<Reported>) =>
  Effect.flatMap(report(runs), (page) =>
    Effect.as(writePage(file, page), `wrote ${file} (${(Buffer.byteLength(page) / 1e6).toFixed(1)} MB)`),
  )

/** The newest finished run of a suite, judged. */
const ofSuite = (file: string) =>
  Effect.gen(function* () {
    const { suite } = yield* openSuite(file)
    const manifests = yield* Store.use((store) => store.manifests)
    const manifest = manifests.find((m) => m.labels?.["suite"] === suite && m.status === "finished")
    if (manifest === undefined)
      return yield* new Mistake({
        message: `suite '${suite}' has no run in this store`,
        hint: `relent suite run ${quote(file)} makes one`,
      })
    return { manifest, judged: yield* judgeAgain(file, manifest) } satisfies Reported
  })

/** A run; that of a suite with its verdicts, while the suite can be read. */
const ofRun = (manifest: Manifest) =>
  Effect.gen(function* () {
    const file = manifest.labels?.["document"]
    if (file === undefined || manifest.status !== "finished") return { manifest } satisfies Reported
    const judged = yield* Effect.result(judgeAgain(file, manifest))
    if (judged._tag === "Success") return { manifest, judged: judged.success } satisfies Reported
    console.error(cleanLines(`without verdicts: ${judged.failure.message}`))
    return { manifest } satisfies Reported
  })

const find = (name: string) =>
  Effect.gen(function* () {
    const file = yield* suiteFile(name)
    return file === undefined ? yield* ofRun(yield* manifestOf(name)) : yield* ofSuite(file)
  })

const viewers: { readonly [platform: string]: readonly [string, ...ReadonlyArray<string>] } = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
}

/** Shows a file in the browser of this machine. */
const show = (file: string) =>
  Effect.callback<void, Mistake>((done) => {
    const [command, ...words] = viewers[process.platform] ?? ["xdg-open"]
    const child = spawn(command, [...words, resolve(file)], { detached: true, stdio: "ignore" })
    child.on("error", () =>
      done(Effect.fail(new Mistake({ message: `--open: there is no ${command} here`, hint: `open ${file} yourself` }))),
    )
    child.on("spawn", () => {
      child.unref()
      done(Effect.void)
    })
  })

const fileOf = (runs: ReadonlyArray<Reported>): string => {
  const [first] = runs
  return runs.length === 1 ? `${first?.judged?.suite ?? first?.manifest.run ?? "report"}.html` : "report.html"
}

export const reportCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const names = given.positionals
      const runs = names.length > 0 ? yield* Effect.forEach(names, find) : [yield* ofRun(yield* manifestOf(undefined))]
      const file = text(given, "out") ?? fileOf(runs)
      console.log(yield* writeReport(file, runs))
      if (given.options["open"] === true) yield* show(file)
      return exitCode.done
    }),
    given,
  )
