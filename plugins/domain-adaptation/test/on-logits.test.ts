/** The losses on tensors: figures of the reference card, those of the exact formulas, and PyTorch's. */
import { readFileSync } from "node:fs"
import { Divergence } from "@relent/divergence"
import { logSoftmax, type Tensor, tf } from "@relent/tensor"
import { describe, expect, it } from "vitest"
import {
  type Adaptation,
  adaptationLoss,
  ClassesMismatch,
  classRatioOf,
  priorLogits,
  ratioLogits,
  sizePenalty,
  weightedEntropyOf,
} from "../src/loss/on-logits.ts"
import { sourceFreeLoss } from "../src/loss/source-free.ts"
import { fromLogits, uniform } from "../src/prediction.ts"
import { read } from "./on-device.ts"

const { kl, reverseKl, jensenShannon } = Divergence
const eps = 1e-10
/** An image of one line: logits are log-probabilities. */
const front = [0.9, 0.2, 0.1, 0.4]
const image = () => tf.tensor3d(front.flatMap((p) => [1 - p, p]).map(Math.log), [1, 4, 2])
const tau = (prior: ReadonlyArray<number>) => tf.tensor1d(priorLogits(prior, eps))
const mean = { ratio: "mean", power: 1 } as const
const maxNormalised = { ratio: "max-normalised", power: 1 } as const

describe("the card's image", () => {
  it("has these entropies", async () => {
    expect((await read(() => weightedEntropyOf([1, 1], image())))[0]).toBeCloseTo(0.4558950093, 6)
    expect((await read(() => weightedEntropyOf([0.1, 0.9], image())))[0]).toBeCloseTo(0.2482868707, 6)
  })
  it.each([
    [mean, [0.6, 0.4]],
    [maxNormalised, [0.60540541, 0.39459459]],
  ])("has the ratio of %j", async (options, wanted) => {
    const found = await read(() => tf.exp(logSoftmax(ratioLogits(options, image()))))
    wanted.forEach((q, k) => expect(found[k]).toBeCloseTo(q, 6))
  })
  it.each([
    ["KL(q || tau), what is minimised", reverseKl, [0.75, 0.25], 0.0541153209],
    ["KL(tau || q), what isn't", kl, [0.75, 0.25], 0.0498567562],
    ["the price of an absent class", reverseKl, [1, 0], 8.5373287051],
    ["log 2 - H(q), from the uniform prior", reverseKl, [0.5, 0.5], Math.LN2 - 0.2171166577 - 0.4558950093],
  ])("%s", async (_, divergence, prior, wanted) => {
    const [found] = await read(() => classRatioOf(divergence, tau(prior), ratioLogits(mean, image())))
    expect(found).toBeCloseTo(wanted, 5)
  })
  it("has this gradient by the foreground of any one pixel", async () => {
    const gradient = await read(() =>
      tf.grad((z) => tf.sum(classRatioOf(reverseKl, tau([0.75, 0.25]), ratioLogits(mean, z))))(image()),
    )
    // By the logit: p (1 - p) times that by p.
    front.forEach((p, i) => expect(gradient[2 * i + 1]! / (p * (1 - p))).toBeCloseTo(0.1732867951, 5))
  })
  it("pays for a size outside the bounds alone, by its square", async () => {
    const of = (lower: number, upper: number) =>
      read(() => sizePenalty({ lower, upper }, tau([0.75, 0.25]), ratioLogits(mean, image())))
    // q = (0.6, 0.4): within 0.5 ... 2 times tau; beyond 0.9 ... 1.1 times: (0.675 - 0.6)^2 + (0.4 - 0.275)^2.
    expect((await of(0.5, 2))[0]).toBe(0)
    expect((await of(0.9, 1.1))[0]).toBeCloseTo(0.075 ** 2 + 0.125 ** 2, 6)
  })
})

const [rows, height, width, classes] = [2, 3, 2, 3]
const logits = Float64Array.from({ length: rows * height * width * classes }, (_, i) => 2 * Math.sin(7 * i + 1))
const priors = [
  [0.5, 0.2, 0.3],
  [0.7, 0, 0.3],
]
const options: Adaptation = {
  lambda: { entropy: 0.7, prior: 1.3 },
  classWeights: [0.2, 0.5, 0.3],
  divergence: reverseKl,
  ratio: "mean",
  power: 1,
  epsilon: eps,
}
const shaped = (values: ArrayLike<number>) => tf.tensor4d(Float32Array.from(values), [rows, height, width, classes])
const priorOf = () => tf.tensor2d(priorLogits(priors.flat(), eps), [rows, classes])
const loss = (given: Adaptation) => (z: Tensor) => adaptationLoss(given, z, priorOf())
const size = logits.length / rows

describe("value and gradient are those of the exact formulas", () => {
  it.each<[string, Partial<Adaptation>]>([
    ["both", {}],
    ["entropy alone", { lambda: { entropy: 1, prior: 0 } }],
    ["prior alone", { lambda: { entropy: 0, prior: 1 } }],
    ["kl", { divergence: kl }],
    ["jensen-shannon", { divergence: jensenShannon }],
    ["max-normalised", { ratio: "max-normalised" }],
    ["max-normalised, power 2", { ratio: "max-normalised", power: 2 }],
  ])("%s", async (_, more) => {
    const given = { ...options, ...more }
    const values = await read(() => loss(given)(shaped(logits)))
    const gradients = await read(() => tf.grad((z) => tf.sum(loss(given)(z)))(shaped(logits)))
    priors.forEach((prior, row) => {
      const own = fromLogits(logits.slice(row * size, (row + 1) * size), classes)
      const wanted = sourceFreeLoss(given, own, uniform(height * width), prior)
      expect(Math.abs(values[row]! - wanted.value)).toBeLessThan(2e-5 * Math.max(1, wanted.value))
      const scale = Math.max(...wanted.gradient.map(Math.abs))
      wanted.gradient.forEach((g, i) => expect(Math.abs(gradients[row * size + i]! - g)).toBeLessThan(2e-5 * scale))
    })
  })
})

interface Golden {
  readonly options: Partial<Adaptation>
  readonly value: ReadonlyArray<number>
  readonly gradient: ReadonlyArray<number>
}
const goldens = JSON.parse(readFileSync(new URL("golden/losses.json", import.meta.url), "utf8")) as Record<
  string,
  Golden
>

it.each(Object.entries(goldens))("%s is PyTorch's", async (_, { options: more, value, gradient }) => {
  const given = { ...options, ...more }
  const values = await read(() => loss(given)(shaped(logits)))
  const gradients = await read(() => tf.grad((z) => tf.sum(loss(given)(z)))(shaped(logits)))
  value.forEach((v, i) => expect(Math.abs(values[i]! - v)).toBeLessThan(2e-5 * Math.max(1, Math.abs(v))))
  const scale = Math.max(...gradient.map(Math.abs))
  gradient.forEach((g, i) => expect(Math.abs(gradients[i]! - g)).toBeLessThan(2e-5 * scale))
})

describe("losses", () => {
  it("don't depend on the order of the pixels of an image", async () => {
    const pixels = Array.from({ length: height * width }, (_, i) => i).toReversed()
    const moved = [0, 1].flatMap((row) =>
      pixels.flatMap((i) => Array.from(logits.subarray(row * size + i * classes, row * size + (i + 1) * classes))),
    )
    const [a, b] = [await read(() => loss(options)(shaped(logits))), await read(() => loss(options)(shaped(moved)))]
    a.forEach((v, i) => expect(b[i]).toBeCloseTo(v, 5))
  })
  it("are 0 where predictions are certain, or there is one class", async () => {
    const certain = () => tf.tensor3d([0, 200, 200, 0], [1, 2, 2])
    expect(Math.abs((await read(() => weightedEntropyOf([1, 1], certain())))[0]!)).toBe(0)
    const only = { ...options, classWeights: [1] }
    const one = () => adaptationLoss(only, tf.tensor3d([3, -1], [1, 2, 1]), tf.tensor1d(priorLogits([1], eps)))
    expect((await read(one))[0]).toBeCloseTo(0, 6)
  })
  it("have no slope of entropy where predictions are uniform", async () => {
    const gradient = await read(() => tf.grad((z) => tf.sum(weightedEntropyOf([1, 1, 1], z)))(tf.zeros([1, 2, 3])))
    gradient.forEach((g) => expect(g).toBeCloseTo(0, 6))
  })
  it("stay finite where a class is gone, and its gradient too", async () => {
    const gone = () => tf.tensor3d([0, -1000, 0, -2000], [1, 2, 2])
    for (const ratio of ["mean", "max-normalised"] as const) {
      const given = { ...options, ratio, classWeights: [1, 1] }
      const all = await read(() => {
        const { value, grad } = tf.valueAndGrad((z) => tf.sum(adaptationLoss(given, z, tau([0.75, 0.25]))))(gone())
        return tf.concat([tf.reshape(value, [1]), tf.reshape(grad, [-1])])
      })
      expect(all[0]).toBeCloseTo(-1.3 * Math.log(0.75), 5)
      for (const v of all) expect(Number.isFinite(v)).toBe(true)
    }
  })
  it("add a million pixels, line by line", async () => {
    const line = fromLogits(Float64Array.of(0, -1.7), 2)
    const one = sourceFreeLoss(
      { ...options, lambda: { entropy: 1, prior: 0 }, classWeights: [1, 1] },
      line,
      uniform(1),
      [1, 0],
    )
    const side = 1000
    const [found] = await read(() => weightedEntropyOf([1, 1], tf.mul(tf.ones([side, side, 2]), [0, -1.7])))
    expect(Math.abs(found! / one.value - 1)).toBeLessThan(2e-5) // all in one sum: 1e-2
  })
  it("refuse weights and priors of other classes", async () => {
    await expect(read(() => weightedEntropyOf([1, 1], shaped(logits)))).rejects.toThrow(
      "2 class weights for logits of 3 classes",
    )
    const short = () =>
      adaptationLoss({ ...options, lambda: { entropy: 0, prior: 1 } }, shaped(logits), tau([0.5, 0.5]))
    await expect(read(short)).rejects.toThrow(ClassesMismatch)
  })
})
