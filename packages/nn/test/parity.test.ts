/** Cross-entropies as PyTorch has them; tools/parity/losses.py writes the numbers. */
import { type Tensor, tf } from "@relent/tensor"
import { relativeError } from "@relent/tensor/testing"
import { describe, expect, it } from "vitest"
import { crossEntropy, entropy, logSoftmax, oneHot, softmaxCrossEntropy } from "../src/index.ts"
import { read } from "./gradients.ts"
import golden from "./golden/losses.json" with { type: "json" }
import { on } from "./on.ts"

const [rows, classes] = [6, 5]
const logits = Float32Array.from({ length: rows * classes }, (_, k) => 2 * Math.sin(1.7 * k))
const hard = () =>
  oneHot(
    tf.tensor1d(
      Array.from({ length: rows }, (_, r) => r % classes),
      "int32",
    ),
    classes,
  )
const soft = () => tf.tensor2d(golden["soft labels"].labels, [rows, classes])

const losses: ReadonlyArray<readonly [string, keyof typeof golden, (z: Tensor) => Tensor]> = [
  ["cross-entropy, at once", "hard labels", (z) => softmaxCrossEntropy(hard(), z)],
  ["cross-entropy, in two parts", "hard labels", (z) => crossEntropy(hard(), logSoftmax(z))],
  ["cross-entropy, at once", "soft labels", (z) => softmaxCrossEntropy(soft(), z)],
  ["cross-entropy, in two parts", "soft labels", (z) => crossEntropy(soft(), logSoftmax(z))],
  ["entropy", "entropy, temperature 2", (z) => entropy(z, 2)],
]
describe.each(losses)("%s, of %s", (_, name, loss) => {
  it("is PyTorch's, with its gradient", async () => {
    const { values, gradient } = await on(
      read(() => {
        const z = tf.tensor2d(logits, [rows, classes])
        return { values: loss(z), gradient: tf.grad((x: Tensor) => tf.sum(loss(x)))(z) }
      }),
    )
    expect(relativeError(values!.values, golden[name].values)).toBeLessThan(2e-5)
    expect(relativeError(gradient!.values, golden[name].logits)).toBeLessThan(2e-5)
  })
})
