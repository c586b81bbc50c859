/**
 * Where a training step's time goes on TensorFlow: `pnpm bench step-profile [--only MODEL,...]`. For each model the recorded step, what of
 * it is bringing inputs to the device, and the operations of the same step run one by one, by name.
 */
import { parseArgs } from "node:util"
import type { Parameters } from "@relent/arrow"
import { Backend, Eager, tf } from "@relent/tensor"
import { Effect, type Scope } from "effect"
import {
  type Binding,
  type TensorFlowBackend,
  typeNumber,
  type Values,
} from "../../../packages/tensor/src/tensorflow/binding.ts"
import { modelNames, models } from "./models/index.ts"
import { type Runner, runner } from "./training/runner.ts"
import { quantile } from "./training/results.ts"

const { values: options } = parseArgs({ options: { only: { type: "string", default: "" } } })
const words = options.only.split(",").filter((word) => word !== "")
const unknown = words.filter((word) => !(modelNames as ReadonlyArray<string>).includes(word))
if (unknown.length > 0) console.error(`no model '${unknown.join("', '")}'; there is ${modelNames.join(", ")}`)
const chosen = words.length > 0 ? modelNames.filter((name) => words.includes(name)) : modelNames

const turns = 7
const median = (values: ReadonlyArray<number>) => quantile(values, 0.5)
const backendNow = () => tf.backend() as unknown as TensorFlowBackend

/** Runs on TensorFlow, recorded or not. */
const on = <A>(mode: "recorded" | "eager", effect: Effect.Effect<A, never, Backend | Scope.Scope>): Promise<A> =>
  Backend.use(({ run }) => run(Effect.scoped(effect))).pipe(
    Effect.provide(Backend.tensorflow),
    Effect.provideService(Eager, mode === "eager"),
    Effect.runPromise,
  )

/** Median ms a step, over turns of `steps`. */
const timed = Effect.fnUntraced(function* (run: Runner, steps: number) {
  const times: Array<number> = []
  for (let i = 0; i < turns; i++) times.push((yield* run(steps)).ms / steps)
  return median(times)
})

/** Median ms that the inputs of a step take to the device and away again. */
const feeding = (inputs: Parameters): number => {
  const { binding } = backendNow()
  const times = Array.from({ length: 50 }, () => {
    const begin = performance.now()
    for (const { shape, dtype, values } of Object.values(inputs))
      binding.deleteTensor(binding.createTensor(shape, typeNumber[dtype as "float32"], values as Values))
    return performance.now() - begin
  })
  return median(times)
}

interface Spent {
  readonly count: number
  readonly ms: number
}

/** What the binding executes while `effect` runs, by the name of the operation. */
const watched = Effect.fnUntraced(function* (effect: Effect.Effect<unknown>) {
  const backend = backendNow()
  const { binding } = backend
  const spent = new Map<string, Spent>()
  const executeOp: Binding["executeOp"] = (name, ...rest) => {
    const begin = performance.now()
    const made = binding.executeOp(name, ...rest)
    const { count, ms } = spent.get(name) ?? { count: 0, ms: 0 }
    spent.set(name, { count: count + 1, ms: ms + performance.now() - begin })
    return made
  }
  const all = Object.getOwnPropertyNames(binding).map((key) => [key, binding[key as keyof Binding]])
  const listening = { ...Object.fromEntries(all), executeOp } as Binding
  yield* Effect.acquireUseRelease(
    Effect.sync(() => (backend.binding = listening)),
    () => effect,
    () => Effect.sync(() => (backend.binding = binding)),
  )
  return spent
})

const show = (ms: number) => `${ms.toPrecision(3)} ms`

for (const name of chosen) {
  const steps = name === "mlp" ? 100 : 10
  const recorded = await on(
    "recorded",
    Effect.gen(function* () {
      const run = yield* runner(models[name])
      yield* run(steps)
      return { step: yield* timed(run, steps), feeding: feeding(models[name].inputs(0)) }
    }),
  )
  const eager = await on(
    "eager",
    Effect.gen(function* () {
      const run = yield* runner(models[name])
      yield* run(steps)
      return { step: yield* timed(run, steps), spent: yield* watched(run(steps)) }
    }),
  )
  const operations = [...eager.spent].toSorted(([, a], [, b]) => b.ms - a.ms)
  const [count, sum] = operations.reduce(([n, ms], [, spent]) => [n + spent.count, ms + spent.ms], [0, 0])
  console.log(
    `${name}: recorded ${show(recorded.step)}, of which inputs ${show(recorded.feeding)}; eager ${show(eager.step)}, of which ${count / steps} operations ${show(sum / steps)}`,
  )
  for (const [operation, spent] of operations.slice(0, 10))
    console.log(`  ${show(spent.ms / steps).padStart(10)}  ${String(spent.count / steps).padStart(5)} x ${operation}`)
}
