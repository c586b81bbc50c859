/**
 * Memory of recorded steps in a process of their own, as JSON: `recorded-memory.ts steps N BACKEND` runs a recording N times, with
 * `recordings` it opens, runs and closes N of them. It looks twice: when it has warmed up with as many more, and after those. (After a
 * thousand steps V8 still compiles: 10 MiB that another thirty thousand steps don't add to.)
 */
import { tensorValue } from "@relent/arrow"
import { Effect } from "effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Backend, type BackendName, record, type Step, type Tensor, Tensors, tf, type Tree } from "../src/index.ts"
import type { TensorFlowBackend } from "../src/tensorflow/binding.ts"

const [what = "", times = "", backend = ""] = process.argv.slice(2)
const count = Number(times)

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void
/** MiB of the process, numbers of tensors of the library and of TensorFlow. */
const seen = () => {
  collect()
  const binding = (tf.backend() as unknown as Partial<TensorFlowBackend>).binding
  const resident = process.memoryUsage().rss / 2 ** 20
  return { resident, tensors: Tensors.count(), native: binding?.getNumOfTensors() ?? 0 }
}

/** A batch takes 64 KiB, the weights of one of many recordings a mebibyte. */
const [batch, inputs, hidden] = [64, 256, what === "steps" ? 64 : 1024]
const start = (): Tree => ({
  first: tf.mul(tf.ones([inputs, hidden]), 0.01),
  second: tf.mul(tf.ones([hidden, 1]), 0.02),
})
/** Gradient descent on a small network. */
const train: Step = (state, given) => {
  const [first, second] = [state["first"]!, state["second"]!]
  const { value, grads } = tf.valueAndGrads((first: Tensor, second: Tensor) =>
    tf.mean(tf.square(tf.sub(tf.matMul(tf.relu(tf.matMul(given["x"]!, first)), second), 1))),
  )([first, second])
  const next = (weight: Tensor, i: number) => tf.sub(weight, tf.mul(grads[i]!, given["rate"]!))
  return { state: { first: next(first, 0), second: next(second, 1) }, outputs: { loss: value } }
}
const x = tensorValue(
  "float32",
  Float32Array.from({ length: batch * inputs }, (_, i) => (i % 7) / 7),
  [batch, inputs],
)
const given = { x, rate: tensorValue("float32", Float32Array.of(0.01), []) }

/** Runs steps of a new recording, and looks when told. */
const steps = (total: number, look: (step: number) => void = () => undefined) =>
  Effect.gen(function* () {
    const recording = yield* record({ start, steps: { train } })
    for (let step = 1; step <= total; step++) {
      tf.dispose(yield* recording.run("train", given))
      if (step % 50 === 0) yield* Effect.promise(() => new Promise(setImmediate))
      look(step)
    }
    yield* recording.read
  }).pipe(Effect.scoped)

const program = Effect.gen(function* () {
  const looks: Array<ReturnType<typeof seen>> = []
  const lookAt = (done: number) => {
    if (done === count || done === 2 * count) looks.push(seen())
  }
  if (what === "steps") {
    yield* steps(2 * count, lookAt)
  } else
    for (let done = 1; done <= 2 * count; done++) {
      yield* steps(3)
      lookAt(done)
    }
  return { before: looks[0]!, after: looks[1]! }
})
const layer = Backend[backend as BackendName]
const found = Backend.use(({ run }) => run(program)).pipe(Effect.provide(layer), Effect.runPromise)
process.stdout.write(JSON.stringify(await found))
