/**
 * Trains in a process of its own, `train.ts BACKEND recorded|eager NETWORK STEPS`, and prints the digest of the weights and the numerics
 * class.
 */
import { createHash } from "node:crypto"
import { source } from "@relent/random"
import { Backend, type BackendName, Eager, tf } from "@relent/tensor"
import { Effect } from "effect"
import { tensorValue } from "@relent/arrow"
import {
  applyMlp,
  constant,
  fit,
  initMlp,
  inputsOf,
  makeAdam,
  oneHotOf,
  separable,
  softmaxCrossEntropy,
  type Training,
} from "../src/index.ts"

const [backend, mode, network, steps] = process.argv.slice(2) as [BackendName, string, keyof typeof networks, string]
const [examples, classes, side] = [512, 10, 16]
const random = source({ seed: 1, stream: "determinism" })
const labels = Int32Array.from({ length: examples }, (_, i) => i % classes)
const values = random("data").normals(examples * side * side)
const features = { values: Float32Array.from(values), width: side * side, scale: 1 }

const perceptron = (...hidden: ReadonlyArray<number>): Pick<Training, "start" | "objective"> => {
  const shape = { widths: [side * side, ...hidden, classes], members: 1, activation: "relu" } as const
  return {
    start: initMlp(shape, random),
    objective: separable({
      inputs: (batch) => ({ x: inputsOf(features, batch), y: oneHotOf(labels, classes, batch) }),
      of: (tree, { x, y }) => softmaxCrossEntropy(y!, applyMlp(shape, tree, x!)),
    }),
  }
}

/** Two convolutions, the second of which is cut into pieces for threads. */
const convolutional = (): Pick<Training, "start" | "objective"> => {
  const weights = (purpose: number, deviation: number, ...shape: ReadonlyArray<number>) => {
    const draws = random("init", purpose).normals(shape.reduce((product, n) => product * n, 1))
    return tensorValue(
      "float32",
      Float32Array.from(draws, (z) => z * deviation),
      shape,
    )
  }
  const size = (side / 4) ** 2 * 32
  return {
    start: {
      first: weights(0, 0.4, 1, 3, 3, 1, 16),
      second: weights(1, 0.1, 1, 3, 3, 16, 32),
      dense: weights(2, 0.05, 1, size, classes),
    },
    objective: separable({
      inputs: (batch) => ({ x: inputsOf(features, batch), y: oneHotOf(labels, classes, batch) }),
      of: ({ first, second, dense }, { x, y }) => {
        const block = (h: tf.Tensor, kernel: tf.Tensor) =>
          tf.maxPool(tf.relu(tf.conv2d(h as tf.Tensor4D, tf.squeeze(kernel, [0]), 1, "same")), 2, 2, "valid")
        const h = block(block(tf.reshape(x!, [-1, side, side, 1]), first!), second!)
        return softmaxCrossEntropy(y!, tf.matMul(tf.reshape(h, [1, -1, size]), dense!))
      },
    }),
  }
}

const networks = { small: () => perceptron(32), wide: () => perceptron(256), convolutional }

const program = Effect.gen(function* () {
  const { numerics } = yield* Backend
  const { parameters } = yield* fit({
    ...networks[network](),
    members: 1,
    examples,
    batch: 128,
    steps: Number(steps),
    optimizer: makeAdam(),
    learningRate: 1e-3,
    schedule: constant,
    random,
    every: 100,
    report: () => Effect.void,
    checkpoint: { load: Effect.succeedNone, save: () => Effect.void },
  })
  const digest = createHash("sha256")
  for (const path of Object.keys(parameters).toSorted()) digest.update(parameters[path]!.values as Float32Array)
  return { weights: digest.digest("hex"), numerics }
})
const result = program.pipe(
  Effect.provide(Backend[backend]),
  Effect.provideService(Eager, mode === "eager"),
  Effect.runPromise,
)
process.stdout.write(JSON.stringify(await result))
