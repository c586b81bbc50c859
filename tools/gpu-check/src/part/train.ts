/** `node train.ts BACKEND`: a training run twice, and sums in which many numbers meet; the digest of each result. */
import { createHash } from "node:crypto"
import { models } from "@relent/bench/models"
import { runner } from "@relent/bench/runner"
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
} from "@relent/nn"
import { source } from "@relent/random"
import { type Tensor, tf } from "@relent/tensor"
import { Effect } from "effect"
import { grid } from "./cases.ts"
import { part, row } from "./say.ts"

const [steps, rows, runs] = [25, 512, 3]
const random = source({ seed: 7, stream: "train" })
const features = { values: random("x").normals(rows * 20), width: 20, scale: 1 }
const labels = Int32Array.from({ length: rows }, (_, i) => (features.values[i * 20]! > 0 ? 1 : 0))
const shape = { widths: [20, 64, 2], members: 1, activation: "relu" } as const

const training = fit({
  start: initMlp(shape, random),
  members: 1,
  objective: separable({
    inputs: (batch) => ({ x: inputsOf(features, batch), y: oneHotOf(labels, 2, batch) }),
    of: (tree, { x, y }) => softmaxCrossEntropy(y!, applyMlp(shape, tree, x!)),
  }),
  examples: rows,
  batch: 128,
  steps,
  optimizer: makeAdam(),
  learningRate: 0.01,
  schedule: constant,
  random,
  every: steps,
  report: () => Effect.void,
  checkpoint: { load: Effect.succeedNone, save: () => Effect.void },
})

const digest = (arrays: ReadonlyArray<ArrayLike<number>>): string => {
  const hash = createHash("sha256")
  for (const values of arrays) hash.update(new Uint8Array(Float32Array.from(values).buffer))
  return hash.digest("hex").slice(0, 16)
}

/** Where a card adds numbers in no fixed order, the last bits differ. */
const meeting: { readonly [name: string]: () => Tensor } = {
  "gradient of a gather": () => {
    const ids = tf.tensor1d(
      Int32Array.from({ length: 4096 }, (_, i) => (i * i) % 13),
      "int32",
    )
    return tf.grad((x) => tf.sum(tf.mul(tf.gather(x, ids), tf.exp(grid(4096, 16)))))(grid(13, 16))
  },
  "product over a long axis": () => tf.matMul(tf.exp(grid(64, 5000)), tf.exp(grid(5000, 40))),
  "sum of all": () => tf.sum(tf.exp(grid(300, 1000))),
  "mean over the first axis": () => tf.mean(tf.exp(grid(5000, 30)), 0),
}

await part((backend) =>
  Effect.gen(function* () {
    const seen = (what: string, run: number, note: string) => row({ what: `${what}, run ${run}`, note })
    for (let run = 1; run <= 2; run++) {
      const { parameters } = yield* backend.run(training)
      const arrays = Object.values(parameters).map(({ values }) => values as Float32Array)
      seen(`training, ${steps} steps`, run, digest(arrays))
    }
    for (const [name, f] of Object.entries(meeting))
      for (let run = 1; run <= runs; run++) {
        const read = async () => {
          const tensor = tf.tidy(f)
          const values = await tensor.data()
          tensor.dispose()
          return digest([values])
        }
        seen(name, run, yield* backend.run(Effect.promise(read)))
      }
    for (let run = 1; run <= 2; run++) {
      const losses = Effect.scoped(Effect.flatMap(runner(models.cnn), (train) => train(3)))
      seen("loss of a CNN after 3 steps", run, digest([[(yield* backend.run(losses)).loss]]))
    }
  }),
)
