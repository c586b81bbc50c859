/** Suites as commands find them: files, or those that come with relent. */
import { basename, dirname, extname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import type { Manifest } from "@relent/runtime"
import type { PipelineDocument, Plugin } from "@relent/stage"
import { judgeRun, readSuite, seedsOf, type Size, type SuiteDocument } from "@relent/suite"
import { Effect } from "effect"
import { textOf } from "./mistake.ts"
import { openDocument, setParameter } from "./pipeline.ts"
import { builtIn } from "./plugins.ts"

/** The suites of the plugins that come with relent. */
export const ownSuites = Effect.gen(function* () {
  const plugins: ReadonlyArray<Plugin> = yield* Effect.promise(() =>
    Promise.all([...builtIn.values()].map((entry) => entry.load())),
  )
  return plugins.flatMap(({ module, suites }) =>
    suites.map((path) => relative(process.cwd(), join(dirname(fileURLToPath(module)), "..", path))),
  )
})

/** The file of a suite: a path, or the name of one that comes with relent. */
export const suiteFile = (name: string) =>
  Effect.gen(function* () {
    if (/\.(?:ya?ml|json)$/.test(name)) return name
    return (yield* ownSuites).find((file) => basename(file, extname(file)) === name)
  })

export const openSuite = (file: string) =>
  Effect.flatMap(textOf(file, "a suite is a YAML document"), (text) => readSuite(text, file))

/** The document of a suite's pipeline, with its seeds and, for a quick run, smaller. */
const edited = (document: PipelineDocument, suite: SuiteDocument, size: Size) =>
  Effect.gen(function* () {
    const seeds = seedsOf(suite, size)
    let next: PipelineDocument = { ...document, over: { ...document.over, seed: seeds } }
    for (const [target, value] of Object.entries(size === "quick" ? (suite.quick?.set ?? {}) : {}))
      next = yield* setParameter(next, target, value)
    return next
  })

/** The pipeline of a suite. */
export const pipelineOf = (suite: SuiteDocument, file: string, size: Size) =>
  openDocument(join(dirname(file), suite.pipeline), [], (document) => edited(document, suite, size)).pipe(
    Effect.map(({ checked }) => checked),
  )

/** What the manifest of a suite's run says of it. */
export const labelsOf = (suite: string, file: string, size: Size) => ({ suite, size, document: resolve(file) })

/** The verdicts of a suite on a run of it that is in the store. */
export const judgeAgain = (file: string, manifest: Manifest) =>
  Effect.gen(function* () {
    const suite = yield* openSuite(file)
    const size: Size = manifest.labels?.["size"] === "quick" ? "quick" : "full"
    const outcomes = yield* judgeRun(suite, manifest, size)
    return { suite: suite.suite, source: suite.source, size, seeds: seedsOf(suite, size), outcomes }
  })
