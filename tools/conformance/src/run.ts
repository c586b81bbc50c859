/** `node run.ts BACKEND BUNDLE REPORT`: the tests on one backend, in a process of its own since the engine is global. */
import { writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { Backend } from "@relent/tensor"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import type { Outcome, Report } from "./report.ts"

/** The part of jasmine-core that is used here. */
interface Jasmine {
  readonly boot: () => { readonly getEnv: () => JasmineEnv }
}
interface JasmineEnv {
  readonly configure: (options: { readonly random: boolean }) => void
  readonly addReporter: (reporter: { readonly specDone: (spec: Spec) => void }) => void
  readonly execute: () => Promise<unknown>
}
interface Spec {
  readonly fullName: string
  readonly status: string
  readonly failedExpectations: ReadonlyArray<{ readonly message: string }>
}

const [name = "", bundle = "", report = ""] = process.argv.slice(2)
const require = createRequire(import.meta.url)
const environment = ` test-${name} {}`

const runTests = async (): Promise<ReadonlyArray<Outcome>> => {
  // The tests reset the engine, which disposes of its backends; what relent opened stays open.
  tf.backend().dispose = () => {}
  Object.assign(globalThis, {
    testedBackend: { name: `test-${name}`, backendName: name, flags: {}, isDataSync: name !== "webgpu" },
  })
  const env = (require("jasmine-core") as Jasmine).boot().getEnv()
  env.configure({ random: false })
  const outcomes: Array<Outcome> = []
  env.addReporter({
    specDone: ({ fullName, status, failedExpectations: [failed] }) => {
      if (status !== "passed" && status !== "failed") return
      outcomes.push({
        test: fullName.replace(environment, ""),
        passed: status === "passed",
        message: failed?.message ?? "",
      })
    },
  })
  require(bundle)
  await env.execute()
  return outcomes
}

const program = Effect.gen(function* () {
  const layer = Reflect.get(Backend, name) as typeof Backend.wasm | undefined
  if (!Object.hasOwn(Backend, name) || layer === undefined) return { unavailable: "there is no such backend" }
  const opened = yield* Effect.result(Backend.pipe(Effect.provide(layer)))
  return opened._tag === "Failure"
    ? { unavailable: `${opened.failure.message}; ${opened.failure.hint}` }
    : { outcomes: yield* Effect.promise(runTests) }
})

const found: Report = await Effect.runPromise(program)
writeFileSync(report, JSON.stringify(found))
process.exit(0) // some tests leave timers
