/** Divergences as PyTorch and scipy have them; tools/parity/losses.py writes the numbers. */
import { tf } from "@relent/tensor"
import { relativeError, testBackend } from "@relent/tensor/testing"
import { describe, expect, it } from "vitest"
import { betweenGaussians, Divergence, entropy, onLogits, softmax } from "../src/index.ts"
import * as tensor from "../src/tensor/index.ts"
import golden from "./golden/losses.json" with { type: "json" }
import { read } from "./read.ts"

const [rows, classes] = [6, 5]
const made = (seed: number, scale: number) =>
  Array.from({ length: rows }, (_, r) =>
    Array.from({ length: classes }, (_, c) => Math.fround(scale * Math.sin(1.7 * (r * classes + c) + seed))),
  )
const [student, teacher] = [made(0, 2), made(1, 3)]
const { kl, reverseKl, jensenShannon } = Divergence

const cases = [kl, reverseKl, jensenShannon].flatMap((divergence) =>
  ([1, 4] as const).map((temperature) => ({ divergence, name: divergence.name, temperature })),
)
describe.each(cases)("$name of logits at temperature $temperature is PyTorch's, with gradients by both", (given) => {
  const { divergence, name, temperature } = given
  const wanted = golden[`${name}, temperature ${temperature}` as "kl, temperature 1"]
  it("in float64", () => {
    const found = teacher.map((target, r) => onLogits(divergence, target, student[r]!, temperature))
    const values = found.map(({ value }) => value)
    const [target, model] = (["target", "model"] as const).map((by) => found.flatMap((r) => [...r.gradient[by]]))
    expect(relativeError(values, wanted.values)).toBeLessThan(1e-12)
    expect(relativeError(target!, wanted.target)).toBeLessThan(1e-12)
    expect(relativeError(model!, wanted.model)).toBeLessThan(1e-12)
  })
  it("in float32", async () => {
    const found = await read(testBackend, () => {
      const loss = (t: tf.Tensor, m: tf.Tensor) => tensor.onLogits(divergence, t, m, { temperature, gradient: "both" })
      const at = [tf.tensor2d(teacher), tf.tensor2d(student)] as const
      const [target, model] = tf.grads(loss)([...at])
      return { values: loss(...at), target: target!, model: model! }
    })
    for (const part of ["values", "target", "model"] as const)
      expect(relativeError(found[part], wanted[part])).toBeLessThan(2e-5)
  })
})

it("entropy, KL and Jensen–Shannon of probabilities are scipy's", () => {
  const [p, q] = [teacher, student].map((all) => all.map((row) => softmax(row)))
  const between = (divergence: Divergence) => p!.map((row, r) => divergence.between(row, q![r]!))
  expect(relativeError(q!.map(entropy), golden.scipy.entropy)).toBeLessThan(1e-12)
  expect(relativeError(between(kl), golden.scipy.kl)).toBeLessThan(1e-12)
  expect(relativeError(between(jensenShannon), golden.scipy["jensen-shannon"])).toBeLessThan(1e-12)
})

it("KL of two Gaussians is PyTorch's, in both directions", () => {
  const { target, model, ...wanted } = golden.gaussians
  for (const divergence of [kl, reverseKl])
    expect(betweenGaussians(divergence, target, model)).toBeCloseTo(wanted[divergence.name as "kl"], 12)
})
