/**
 * Where a training step's time goes: `pnpm bench step-profile [--only WORD,...]`, words being parts of the names of models and backends. For
 * each the recorded step, what of it is bringing inputs to the device, and the operations of the same step run one by one, by name.
 */
import { parseArgs } from "node:util"
import { Backend, Eager } from "@relent/tensor"
import { Effect, type Scope } from "effect"
import { modelNames, models } from "./models/index.ts"
import { Clock } from "./profile/spent.ts"
import { feeding, watched as watchedTensorFlow } from "./profile/tensorflow.ts"
import { watched as watchedWasm } from "./profile/wasm.ts"
import { quantile } from "./training/results.ts"
import { type Runner, runner } from "./training/runner.ts"

const { values: options } = parseArgs({ options: { only: { type: "string", default: "" } } })
const words = options.only.split(",").filter((word) => word !== "")
const backendNames = ["tensorflow", "wasm"] as const
type Name = (typeof backendNames)[number]
const unknown = words.filter((word) => ![...modelNames, ...backendNames].some((name) => name.includes(word)))
if (unknown.length > 0)
  console.error(`nothing is called '${unknown.join("', '")}'; there is ${[...modelNames, ...backendNames].join(", ")}`)
/** Those that a word names, or all if none does. */
const chosen = <A extends string>(names: ReadonlyArray<A>): ReadonlyArray<A> => {
  const named = names.filter((name) => words.some((word) => name.includes(word)))
  return named.length > 0 ? named : names
}

const turns = 7
const watched = { tensorflow: watchedTensorFlow, wasm: watchedWasm }

const on = <A>(
  name: Name,
  mode: "recorded" | "eager",
  effect: Effect.Effect<A, never, Backend | Scope.Scope>,
): Promise<A> =>
  Backend.use(({ run }) => run(Effect.scoped(effect))).pipe(
    Effect.provide(Backend[name]),
    Effect.provideService(Eager, mode === "eager"),
    Effect.runPromise,
  )

/** Median ms a step, over turns of `steps`. */
const timed = Effect.fnUntraced(function* (run: Runner, steps: number) {
  const times: Array<number> = []
  for (let i = 0; i < turns; i++) times.push((yield* run(steps)).ms / steps)
  return quantile(times, 0.5)
})

const show = (ms: number) => `${ms.toPrecision(3)} ms`

const profile = async (name: Name, model: keyof typeof models) => {
  const steps = model === "mlp" ? 100 : 10
  const recorded = await on(
    name,
    "recorded",
    Effect.gen(function* () {
      const run = yield* runner(models[model])
      yield* run(steps)
      const fed = name === "tensorflow" ? `, of which inputs ${show(feeding(models[model].inputs(0)))}` : ""
      return `recorded ${show(yield* timed(run, steps))}${fed}`
    }),
  )
  const eager = await on(
    name,
    "eager",
    Effect.gen(function* () {
      const run = yield* runner(models[model])
      yield* run(steps)
      const clock = new Clock()
      const step = yield* timed(run, steps)
      yield* watched[name](run(steps), clock)
      return { step, operations: [...clock.spent].toSorted(([, a], [, b]) => b.ms - a.ms) }
    }),
  )
  const [count, sum] = eager.operations.reduce(([n, ms], [, spent]) => [n + spent.count, ms + spent.ms], [0, 0])
  const share = `${count / steps} operations ${show(sum / steps)}`
  console.log(`${model} on ${name}: ${recorded}; eager ${show(eager.step)}, of which ${share}`)
  for (const [operation, spent] of eager.operations.slice(0, 12))
    console.log(`  ${show(spent.ms / steps).padStart(10)}  ${String(spent.count / steps).padStart(5)} x ${operation}`)
}

for (const name of chosen(backendNames)) for (const model of chosen(modelNames)) await profile(name, model)
