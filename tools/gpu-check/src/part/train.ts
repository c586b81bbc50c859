/** `node train.ts BACKEND`: one training, run twice, and gradients that add many numbers into one; the digest of each result. */
import { createHash } from "node:crypto"
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
import { models, normal } from "./models.ts"
import { part, row } from "./say.ts"

const steps = 40
const rows = 512
const random = source({ seed: 7, stream: "train" })
const features = { values: random("x").normals(rows * 20), width: 20, scale: 1 }
const labels = Int32Array.from({ length: rows }, (_, i) => (features.values[i * 20]! > 0 ? 1 : 0))
const shape = { widths: [20, 64, 2], members: 1, activation: "relu" } as const

const training = fit({
  start: initMlp(shape, random),
  members: 1,
  objective: separable((tree, batch) =>
    softmaxCrossEntropy(oneHotOf(labels, 2, batch), applyMlp(shape, tree, inputsOf(features, batch))),
  ),
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

const digest = (arrays: ReadonlyArray<ArrayBufferView>): string =>
  arrays
    .reduce(
      (hash, { buffer, byteOffset, byteLength }) =>
        hash.update(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)),
      createHash("sha256"),
    )
    .digest("hex")
    .slice(0, 16)

/** Many rows meet in few sums: where a card adds them in no fixed order, the last bits differ. */
const meeting: { readonly [name: string]: () => Tensor } = {
  "gradient of a gather": () => {
    const ids = tf.tensor1d(
      Int32Array.from({ length: 4096 }, (_, i) => (i * i) % 13),
      "int32",
    )
    return tf.grad((x) => tf.sum(tf.mul(tf.gather(x, ids), normal("weights", 1, [4096, 16]))))(
      normal("rows", 1, [13, 16]),
    )
  },
  "product over a long axis": () => tf.matMul(normal("long", 1, [64, 5000]), normal("long 2", 1, [5000, 40])),
  "sum of all": () => tf.sum(normal("all", 1, [300, 1000])),
  "gradient of a CNN's first filter": () => {
    const { weights, batch, loss } = models[2]!
    const { first, ...others } = weights()
    return tf.grad((w) => loss({ first: w, ...others }, batch()))(first!)
  },
}

await part((backend) =>
  Effect.gen(function* () {
    for (const run of [1, 2]) {
      const { parameters } = yield* backend.run(training)
      row({
        what: `training, ${steps} steps, run ${run}`,
        note: digest(Object.values(parameters).map(({ values }) => values as Float32Array)),
      })
    }
    for (const [name, f] of Object.entries(meeting))
      for (const run of [1, 2, 3]) {
        const seen = yield* backend
          .run(
            Effect.promise(async () => {
              const tensor = tf.tidy(f)
              const values = await tensor.data()
              tensor.dispose()
              return digest([values])
            }),
          )
          .pipe(Effect.catchTag("KernelMissing", ({ message }) => Effect.succeed(`none: ${message}`)))
        row({ what: `${name}, run ${run}`, note: seen })
      }
  }),
)
