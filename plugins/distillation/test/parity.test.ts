/** Losses as PyTorch has them, with their gradients; tools/parity/losses.py writes the numbers. */
import { Divergence } from "@relent/divergence"
import { softmaxCrossEntropy } from "@relent/nn"
import { tf } from "@relent/tensor"
import { relativeError } from "@relent/tensor/testing"
import { expect, it } from "vitest"
import { bdKdLoss, type BdKdOptions } from "../src/loss/bd-kd.ts"
import { dkdLoss } from "../src/loss/dkd.ts"
import { kdLoss } from "../src/loss/kd.ts"
import type { DistillationLoss } from "../src/loss/loss.ts"
import { nkdLoss } from "../src/loss/nkd.ts"
import { sinkdLoss, type SinkdOptions } from "../src/loss/sinkd.ts"
import { smooth } from "../src/self-loss/label-smoothing.ts"
import { read } from "./fixture.ts"
import golden from "./golden/losses.json" with { type: "json" }

const [rows, classes] = [6, 5]
const logits = (seed: number, scale: number) =>
  tf.tensor2d(
    Float32Array.from({ length: rows * classes }, (_, k) => scale * Math.sin(1.7 * k + seed)),
    [rows, classes],
  )
const hot = () =>
  tf.tensor2d(
    Array.from({ length: rows * classes }, (_, k) => Number(k % classes === Math.floor(k / classes) % classes)),
    [rows, classes],
  )

const { kl, reverseKl, jensenShannon } = Divergence
const gate = { gate: "entropy", normaliseWeights: false, entropyTemperature: 1, studentWeight: 1 } as const
const balanced = (weights: Pick<BdKdOptions, "heavyWeight" | "lightWeight" | "temperature">) =>
  bdKdLoss({ ...gate, ...weights })
const alone: SinkdOptions = {
  weight: 1,
  baseWeight: 0,
  epsilon: 0.1,
  iterations: 20,
  temperature: 2,
  costNorm: 1,
  reduction: "mean",
  domain: "log",
  gradient: "unrolled",
  alpha: 0,
  kdTemperature: 1,
  kdAnneal: false,
  memory: 512,
}
const losses: { readonly [name in keyof typeof golden]: ReadonlyArray<DistillationLoss> } = {
  "kd kl, temperature 4, hard 0.1": [kdLoss(kl, 4, 0.1)],
  "kd reverse-kl, temperature 2, hard 0.5": [kdLoss(reverseKl, 2, 0.5)],
  "kd jensen-shannon, temperature 3, hard 0": [kdLoss(jensenShannon, 3, 0)],
  "nkd gamma 1.5, temperature 1": [nkdLoss(1.5, 1)],
  "nkd gamma 3.5, temperature 3": [nkdLoss(3.5, 3)],
  "dkd alpha 1, beta 8, temperature 4": [dkdLoss(1, 8, 4)],
  "dkd alpha 2, beta 0.5, temperature 1": [dkdLoss(2, 0.5, 1)],
  "bd-kd 2 and 1, temperature 4": [balanced({ heavyWeight: 2, lightWeight: 1, temperature: 4 })],
  "bd-kd 3 and 0.5, temperature 1": [balanced({ heavyWeight: 3, lightWeight: 0.5, temperature: 1 })],
  "sinkd epsilon 0.1, 20 iterations, temperature 2": [sinkdLoss(alone), sinkdLoss({ ...alone, domain: "kernel" })],
  "label smoothing 0.1": [({ student, oneHot }) => softmaxCrossEntropy(smooth(oneHot, 0.1), student)],
}

it.each(Object.entries(losses))("%s", async (name, forms) => {
  const wanted = golden[name as keyof typeof golden]
  for (const loss of forms) {
    const of = (student: tf.Tensor) => loss({ student, teacher: logits(1, 3), oneHot: hot() })
    expect(relativeError(await read(() => of(logits(0, 2))), wanted.values)).toBeLessThan(2e-5)
    expect(relativeError(await read(() => tf.grad(of)(logits(0, 2))), wanted.student)).toBeLessThan(2e-5)
  }
})
