/**
 * Runs quick suites, then computes every step of them again in another order, in one process of its own:
 * `node check-suites.ts BACKEND [SUITE...]`. Prints how many steps there were, and each that came out differently.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { source } from "@relent/random"
import { CheckFailed, Resources, run, Store } from "@relent/runtime"
import { type CheckedPipeline, handlesOf, registry, type Step } from "@relent/stage"
import type { BackendName } from "@relent/tensor/backend"
import { Effect, Layer } from "effect"
import { backendResource } from "../src/backend-resource.ts"
import { builtIn } from "../src/plugins.ts"
import { openSuite, ownSuites, pipelineOf, suiteFile } from "../src/suites.ts"

export interface CheckedSuites {
  readonly steps: number
  readonly differences: ReadonlyArray<string>
}

/** The same steps in another order, in which each still comes after all that it reads. */
const shuffled = (checked: CheckedPipeline): CheckedPipeline => {
  const draws = source({ seed: 1, stream: checked.pipeline.name })("order")
  const waiting = [...checked.pipeline.steps]
  const steps: Array<Step> = []
  while (waiting.length > 0) {
    const ready = waiting.filter((step) => handlesOf(step.inputs).every((handle) => steps.includes(handle.step)))
    const next = ready[draws.integer(ready.length)]!
    steps.push(next)
    waiting.splice(waiting.indexOf(next), 1)
  }
  return { ...checked, pipeline: { ...checked.pipeline, steps } }
}

const checkSuite = (file: string) =>
  Effect.gen(function* () {
    const suite = yield* openSuite(file)
    const checked = yield* pipelineOf(suite, file, "quick")
    yield* run(checked)
    const differences = yield* run(shuffled(checked), { check: true, concurrency: 3 }).pipe(
      Effect.as([]),
      Effect.catchTag("CheckFailed", (failed: CheckFailed) => Effect.succeed(failed.differences)),
    )
    return { steps: checked.steps.length, differences: differences.map(({ message }) => `${suite.suite}: ${message}`) }
  })

const [backend, ...given] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), "relent check "))
const layer = Layer.mergeAll(
  Store.layer(folder),
  Layer.succeed(Resources, { backend: backendResource(backend as BackendName) }),
  registry([...builtIn.values()]),
)
try {
  const files =
    given.length > 0 ? Effect.forEach(given, (name) => Effect.map(suiteFile(name), (file) => file!)) : ownSuites
  const suites = Effect.flatMap(files, (all) => Effect.forEach(all, checkSuite))
  const all = await Effect.runPromise(Effect.provide(suites, layer))
  const found: CheckedSuites = {
    steps: all.reduce((sum, { steps }) => sum + steps, 0),
    differences: all.flatMap(({ differences }) => differences),
  }
  console.log(JSON.stringify(found))
} finally {
  rmSync(folder, { recursive: true })
}
