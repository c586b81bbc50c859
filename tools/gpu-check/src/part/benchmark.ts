/** `node benchmark.ts BACKEND`: milliseconds a training step of the benchmark's models, and the speed of matrix products. */
import { type ModelName, modelNames, models } from "@relent/bench/models"
import { runner } from "@relent/bench/runner"
import { Backend, type BackendName, Owner, type TensorError, tf } from "@relent/tensor"
import { Effect, type Scope } from "effect"
import { grid } from "./cases.ts"
import { part, row } from "./say.ts"

/** For one figure after the warm-up, in milliseconds. */
const enough = 4000
const rounds = 5

/** Does something so many times, and says how many milliseconds that took. */
type Turn = (times: number) => Effect.Effect<number, TensorError>

/** Milliseconds for one: the median of rounds of equal length, after one time for what is made at first use. */
const measured = (turn: Turn): Effect.Effect<{ readonly ms: number; readonly times: number }, TensorError> =>
  Effect.gen(function* () {
    yield* turn(1)
    const one = (yield* turn(2)) / 2
    if (one > enough) return { ms: one, times: 2 }
    const times = Math.max(1, Math.min(200, Math.round(enough / rounds / one)))
    const all: Array<number> = []
    for (let i = 0; i < rounds; i++) all.push((yield* turn(times)) / times)
    return { ms: all.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!, times: times * rounds }
  })

const training = (name: ModelName) =>
  Effect.map(
    runner(models[name]),
    (run): Turn =>
      (steps) =>
        Effect.map(run(steps), ({ ms }) => ms),
  )

/** Products of two square matrices; the last is waited for. */
const products = (n: number): Effect.Effect<Turn, never, Scope.Scope> =>
  Effect.gen(function* () {
    const owner = yield* Effect.acquireRelease(
      Effect.sync(() => new Owner()),
      (owner) => Effect.sync(() => owner.close()),
    )
    const [a, b] = owner.compute((): [tf.Tensor, tf.Tensor] => [grid(n, n), tf.neg(grid(n, n))])
    return (times) =>
      Effect.promise(async () => {
        const begin = performance.now()
        for (let i = 1; i < times; i++) tf.matMul(a, b).dispose()
        const last = tf.matMul(a, b)
        await last.data()
        last.dispose()
        return performance.now() - begin
      })
  })

/** What a backend can do in bearable time. */
const work: {
  readonly [name in BackendName]: { readonly models: ReadonlyArray<ModelName>; readonly sizes: ReadonlyArray<number> }
} = {
  tensorflow: { models: modelNames, sizes: [64, 1024, 4096] },
  webgpu: { models: modelNames, sizes: [64, 1024, 4096] },
  wasm: { models: ["mlp", "wide", "cnn"], sizes: [64, 1024] },
  cpu: { models: ["mlp"], sizes: [64, 256] },
}

await part((backend) => {
  const measure = (
    what: string,
    turn: Effect.Effect<Turn, TensorError, Backend | Scope.Scope>,
    figure: (ms: number) => { readonly value: number; readonly unit: string },
  ) =>
    backend.run(Effect.scoped(Effect.flatMap(turn, measured))).pipe(
      Effect.map(({ ms, times }) => row({ what, ...figure(ms), note: `${times} times in ${rounds} rounds, median` })),
      Effect.catch((error) => Effect.sync(() => row({ what, note: error.message }))),
    )
  const { models: names, sizes } = work[backend.name]
  return Effect.gen(function* () {
    for (const name of names)
      yield* measure(models[name].title, training(name), (ms) => ({ value: ms, unit: "ms a step" }))
    for (const n of sizes)
      yield* measure(`product ${n}x${n}x${n}`, products(n), (ms) =>
        n < 100 ? { value: ms * 1000, unit: "us" } : { value: (2 * n ** 3) / ms / 1e6, unit: "GFLOP/s" },
      )
  })
})
