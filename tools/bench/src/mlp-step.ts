/**
 * One training step of a perceptron 784-256-10, batch 128, Adam: `@relent/nn` against the same written with plain tfjs-wasm and its
 * own optimiser. Each runs in a process of its own; only the ratio means something.
 */
import { execFileSync } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { source } from "@relent/random"

const [inputs, hidden, classes, batch, examples] = [784, 256, 10, 128, 4096]
const warm = 20
const steps = { relent: 320, stock: 80 }

const images = Uint8Array.from({ length: examples * inputs }, (_, i) => (i * 2654435761) >>> 24)
const labels = Int32Array.from({ length: examples }, (_, i) => i % classes)

/** ms a step. */
const relent = async (): Promise<number> => {
  const nn = await import("@relent/nn")
  const { Backend } = await import("@relent/tensor")
  const random = source({ seed: 1, stream: "bench" })
  const features = { values: images, width: inputs, scale: 1 / 255 }
  const shape = { widths: [inputs, hidden, classes], members: 1, activation: "relu" } as const
  let begin = 0
  const training = nn.fit({
    start: nn.initMlp(shape, random),
    members: 1,
    objective: nn.separable({
      inputs: (rows) => ({ x: nn.inputsOf(features, rows), y: nn.oneHotOf(labels, classes, rows) }),
      of: (tree, { x, y }) => nn.softmaxCrossEntropy(y!, nn.applyMlp(shape, tree, x!)),
    }),
    examples,
    batch,
    steps: steps.relent,
    optimizer: nn.makeAdam(),
    learningRate: 1e-3,
    schedule: nn.constant,
    random,
    every: warm,
    report: ({ step }) => Effect.sync(() => void (step === warm && (begin = performance.now()))),
    checkpoint: { load: Effect.succeedNone, save: () => Effect.void },
  })
  await Effect.runPromise(Effect.provide(training, Backend.wasm))
  return (performance.now() - begin) / (steps.relent - warm)
}

const stock = async (): Promise<number> => {
  const tf = await import("@tensorflow/tfjs-core")
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm")
  const { registerGradients } = await import("../../../packages/tensor/src/gradients.ts")
  const folder = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json"))
  setWasmPaths(join(folder, "dist/"))
  await registerGradients()
  tf.enableProdMode()
  await tf.setBackend("wasm")
  const [w0, b0, w1, b1] = [
    tf.variable(tf.randomNormal([inputs, hidden], 0, Math.sqrt(2 / inputs))),
    tf.variable(tf.zeros([hidden])),
    tf.variable(tf.randomNormal([hidden, classes], 0, Math.sqrt(2 / hidden))),
    tf.variable(tf.zeros([classes])),
  ] as const
  const optimizer = tf.train.adam(1e-3)
  const step = (i: number) => {
    const from = (i * batch) % examples
    const x = tf.tensor2d(
      Float32Array.from(images.subarray(from * inputs, (from + batch) * inputs), (v) => v / 255),
      [batch, inputs],
    )
    const y = tf.oneHot(tf.tensor1d(labels.slice(from, from + batch), "int32"), classes)
    const cost = optimizer.minimize(() => {
      const h = tf.relu(tf.add(tf.matMul(x, w0), b0))
      return tf.losses.softmaxCrossEntropy(y, tf.add(tf.matMul(h, w1), b1))
    }, true)
    tf.dispose([x, y])
    return cost!
  }
  let begin = 0
  for (let i = 0; i < steps.stock; i++) {
    if (i === warm) begin = performance.now()
    const cost = step(i)
    if (i % warm === 0) await cost.data()
    cost.dispose()
  }
  return (performance.now() - begin) / (steps.stock - warm)
}

const runs = { relent, stock }
const [chosen] = process.argv.slice(2)
if (chosen === "relent" || chosen === "stock") console.log(await runs[chosen]())
else {
  const time = (name: string) =>
    Number(execFileSync(process.execPath, [fileURLToPath(import.meta.url), name], { encoding: "utf8" }))
  const [ours, theirs] = [time("relent"), time("stock")]
  console.log(
    `MLP step, batch ${batch}: relent ${ours.toFixed(2)} ms, tfjs-wasm ${theirs.toFixed(2)} ms, ${(theirs / ours).toFixed(1)} times faster`,
  )
}
