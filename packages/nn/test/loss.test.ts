import { type Tensor, tf } from "@relent/tensor"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import {
  activationNames,
  activations,
  crossEntropy,
  entropy,
  logSoftmax,
  oneHot,
  softmaxCrossEntropy,
} from "../src/index.ts"
import { on } from "./on.ts"

const values = (f: () => Tensor) =>
  on(
    Effect.promise(async () => {
      const out = tf.tidy(f)
      const data = [...(await out.data())]
      out.dispose()
      return data
    }),
  )
const close = (found: ReadonlyArray<number>, wanted: ReadonlyArray<number>, digits = 5) => {
  expect(found).toHaveLength(wanted.length)
  wanted.forEach((v, i) => expect(found[i]).toBeCloseTo(v, digits))
}
const softmax = (z: ReadonlyArray<number>) => {
  const e = z.map(Math.exp)
  const sum = e.reduce((a, b) => a + b)
  return e.map((v) => v / sum)
}
const z = [
  [0, 200, -200],
  [1, 2, 3],
]
const target = [
  [0, 1, 0],
  [0.2, 0.3, 0.5],
]

describe("cross-entropies", () => {
  const q = softmax(z[1]!)
  const ce = -target[1]!.reduce((sum, p, c) => sum + p * Math.log(q[c]!), 0)
  it("are finite for logits far apart, and blind to a constant", async () => {
    const found = await values(() => {
      const [t, l] = [tf.tensor2d(target), tf.tensor2d(z)]
      return tf.concat([
        crossEntropy(t, logSoftmax(l)),
        softmaxCrossEntropy(t, l),
        softmaxCrossEntropy(t, tf.add(l, 7)),
      ])
    })
    close(found, [0, ce, 0, ce, 0, ce])
  })
  it("have the entropy as their least value", async () => {
    close(await values(() => entropy(tf.tensor2d(z), 2)), [
      0,
      -softmax([0.5, 1, 1.5]).reduce((s, p) => s + p * Math.log(p), 0),
    ])
  })
  it("have the gradient q - p, for each of the two ways and for targets that sum to anything", async () => {
    for (const loss of [softmaxCrossEntropy, (t: Tensor, l: Tensor) => crossEntropy(t, logSoftmax(l))]) {
      const found = await values(() =>
        tf.grad((l) => tf.sum(tf.mul(loss(tf.mul(tf.tensor2d(target), [[1], [2]]), l), [1, 3])))(tf.tensor2d(z)),
      )
      close(found, [0, 0, 0, ...q.map((v, c) => 3 * 2 * (v - target[1]![c]!))])
    }
  })
  it("pass no gradient to the target", async () => {
    const found = await values(() =>
      tf.grad((t) => tf.sum(softmaxCrossEntropy(t, tf.tensor2d(z))))(tf.tensor2d(target)),
    )
    close(found, [0, 0, 0, 0, 0, 0])
  })
  it("take labels as one-hot rows", async () => {
    expect(await values(() => oneHot(tf.tensor2d([[0, 2]], [1, 2], "int32"), 3))).toEqual([1, 0, 0, 0, 0, 1])
  })
})

describe.each(activationNames.map((name) => [name]))("%s", (name) => {
  const x = [-20, -2, -0.5, 0.5, 2, 20]
  const phi = (v: number) => (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))) / 2
  const known: { readonly [name: string]: (v: number) => number } = {
    relu: (v) => Math.max(0, v),
    tanh: Math.tanh,
    silu: (v) => v / (1 + Math.exp(-v)),
    gelu: (v) => v * phi(v),
  }
  it("has the values of its formula, and their slope", async () => {
    const f = known[name]!
    const { apply } = activations[name]
    close(await values(() => apply(tf.tensor1d(x))), x.map(f))
    const h = 1e-5
    close(
      await values(() => tf.grad((v) => tf.sum(apply(v)))(tf.tensor1d(x))),
      x.map((v) => (f(v + h) - f(v - h)) / (2 * h)),
      4,
    )
  })
})
