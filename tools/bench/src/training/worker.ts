/** Relent as a contender: `worker.ts BACKEND eager|recorded`, where the backend `stock` is TensorFlow.js's wasm as it comes. */
import { createInterface } from "node:readline"
import { Backend, type BackendName, Eager } from "@relent/tensor"
import { Cause, Effect, Exit } from "effect"
import { models, type ModelName } from "../models/index.ts"
import type { Answer, Hello, Question } from "./process.ts"
import { type Runner, runner } from "./runner.ts"
import { stock } from "./stock.ts"

const [name = "", mode = ""] = process.argv.slice(2)
const say = (words: Hello | Answer) => Effect.sync(() => process.stdout.write(`${JSON.stringify(words)}\n`))

const serve = Effect.gen(function* () {
  const { numerics, device } = yield* Backend
  yield* say({ version: numerics, device })
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  const runners = new Map<ModelName, Runner>()
  for (;;) {
    const line = yield* Effect.promise(() => lines.next())
    if (line.done === true) return
    const { model, steps } = JSON.parse(line.value) as Question
    const answer = Effect.gen(function* () {
      const known = runners.get(model) ?? (yield* runner(models[model]))
      runners.set(model, known)
      return yield* known(steps)
    })
    const exit = yield* Effect.exit(answer)
    if (Exit.isSuccess(exit)) yield* say(exit.value)
    else {
      const [first = ""] = String(Cause.squash(exit.cause)).split("\n")
      yield* say({ error: first })
    }
  }
})

const layer = name === "stock" ? stock : Backend[name as BackendName]
const program = Backend.use(({ run }) => run(Effect.scoped(serve))).pipe(
  Effect.provide(layer),
  Effect.provideService(Eager, mode === "eager"),
  Effect.catchTag("BackendUnavailable", ({ message }) => say({ error: message })),
)
await Effect.runPromise(program)
