/** Log-probabilities of tokens in pieces of the vocabulary are those of the whole, and take no more memory than asked. */
import { source } from "@relent/random"
import { Backend, logSoftmax, type Tensor, Tensors, tf } from "@relent/tensor"
import { Effect, Layer } from "effect"
import { expect, it } from "vitest"
import { tokenLogs } from "../src/token-logs.ts"

const [rows, width, vocabulary] = [6, 5, 23]
const random = source({ seed: 2, stream: "token logs" })
const normals = (purpose: string, scale: number, shape: readonly [number, number]) =>
  tf.tensor2d(
    Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => scale * random(purpose, i).normal()),
    [...shape],
  )
const run = (body: () => Promise<void>) =>
  Effect.runPromise(
    Backend.use((b) => b.run(Tensors.leakFree(Effect.promise(body)))).pipe(Effect.provide(Layer.fresh(Backend.wasm))),
  )
const wholly = (h: Tensor, E: Tensor, tokens: Tensor) => {
  const isToken = tf.cast(tf.oneHot(tokens as tf.Tensor1D, vocabulary), "float32")
  return tf.sum(tf.mul(logSoftmax(tf.matMul(h, E, false, true)), isToken), 1)
}

it.each([
  ["a token at a time", 4 * rows, 1],
  ["three", 3 * 4 * rows, 1],
  ["all at once", 1e6, 1],
  ["and less than one row's logits", 1, 1],
  ["three, of logits in the hundreds", 3 * 4 * rows, 30],
])("%s: value and both gradients", (_, bytes, scale) =>
  run(async () => {
    const [h, E, weights] = [
      normals("h", scale, [rows, width]),
      normals("E", 1, [vocabulary, width]),
      [1, -2, 0, 3, 1, 0.5],
    ]
    const tokens = tf.tensor1d([0, 22, 7, 7, 3, 11], "int32")
    const of = (logs: (h: Tensor, E: Tensor) => Tensor) =>
      tf.tidy(() => {
        const { value, grads } = tf.valueAndGrads((h, E) => tf.sum(tf.mul(logs(h, E), weights)))([h, E])
        return [logs(h, E), value, ...grads]
      })
    const found = of((h, E) => tokenLogs(h, E, tokens, bytes))
    const expected = of((h, E) => wholly(h, E, tokens))
    for (const [i, tensor] of found.entries()) {
      const [is, should] = [await tensor.data(), await expected[i]!.data()]
      const size = Math.max(1, ...should.map(Math.abs))
      for (const [k, x] of should.entries()) expect(Math.abs(is[k]! - x)).toBeLessThan(3e-6 * size)
    }
    tf.dispose([h, E, tokens, ...found, ...expected])
  }),
)

it("the gradient's gradient is that of the whole", () =>
  run(async () => {
    const [h, E] = [normals("h", 1, [rows, width]), normals("E", 1, [vocabulary, width])]
    const tokens = tf.tensor1d([0, 22, 7, 7, 3, 11], "int32")
    const of = (logs: (h: Tensor, E: Tensor) => Tensor) =>
      tf.tidy(() =>
        tf.grad((h: Tensor) => tf.sum(tf.square(tf.grad((h: Tensor) => tf.sum(tf.square(logs(h, E))))(h))))(h),
      )
    const [found, expected] = [of((h, E) => tokenLogs(h, E, tokens, 3 * 4 * rows)), of((h, E) => wholly(h, E, tokens))]
    const [is, should] = [await found.data(), await expected.data()]
    const size = Math.max(...should.map(Math.abs))
    for (const [k, x] of should.entries()) expect(Math.abs(is[k]! - x)).toBeLessThan(1e-5 * size)
    tf.dispose([h, E, tokens, found, expected])
  }))

it("the logits of 20,000 tokens are never there at once", () =>
  run(async () => {
    const [n, V] = [100, 20_000]
    const [h, E] = [tf.ones([n, 2]), tf.zeros([V, 2])] as const
    const tokens = tf.zeros([n], "int32")
    const before = tf.memory().numBytes
    const { peakBytes } = await tf.profile(() => {
      tf.dispose(tf.tidy(() => tf.grads((h, E) => tf.sum(tokenLogs(h, E, tokens, 4e5)))([h, E])))
    })
    expect(peakBytes - before).toBeLessThan((4 * n * V) / 4)
    tf.dispose([h, E, tokens])
  }))
