/** Suites as commands find them: files, or those that come with relent. */
import { basename, dirname, extname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import type { Manifest } from "@relent/runtime"
import type { Plugin } from "@relent/stage"
import { judgeRun, readSuite, seedsOf, type Size } from "@relent/suite"
import { Effect } from "effect"
import { textOf } from "./mistake.ts"
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
