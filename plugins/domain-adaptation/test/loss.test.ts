/** Figures of the reference card: one image of four pixels, and what must hold for any. */
import { Divergence, entropy, NotADistribution } from "@relent/divergence"
import { describe, expect, it } from "vitest"
import { dice } from "../src/dice.ts"
import { classRatioLoss } from "../src/loss/class-ratio.ts"
import { type SourceFree, sourceFreeLoss } from "../src/loss/source-free.ts"
import { type LossAndGradient, weightedEntropy } from "../src/loss/weighted-entropy.ts"
import { fromLogits, fromProbabilities, type Prediction, PredictionInvalid, uniform } from "../src/prediction.ts"
import { maxNormalisedRatio, meanRatio, type Ratio } from "../src/ratio.ts"

const { kl, reverseKl, jensenShannon } = Divergence
const front = [0.9, 0.2, 0.1, 0.4]
const image = fromProbabilities(Float64Array.from(front.flatMap((p) => [1 - p, p])), 2)
const mass = uniform(4)
const tau = [0.75, 0.25]

describe("the card's image", () => {
  it("has these entropies", () => {
    expect(weightedEntropy(image, mass, [1, 1]).value).toBeCloseTo(0.4558950093, 10)
    expect(weightedEntropy(image, mass, [0.1, 0.9]).value).toBeCloseTo(0.2482868707, 10)
  })
  it("has these ratios", () => {
    expect([...meanRatio(image, mass).ratio]).toEqual([expect.closeTo(0.6, 12), expect.closeTo(0.4, 12)])
    const { ratio } = maxNormalisedRatio(image, mass)
    expect([...ratio]).toEqual([expect.closeTo(0.60540541, 8), expect.closeTo(0.39459459, 8)])
  })
  it("is this far from the prior: reverse-kl is KL(q || tau), prediction first", () => {
    const value = (d: typeof kl) => classRatioLoss(d, tau, meanRatio(image, mass)).value
    expect(value(reverseKl)).toBeCloseTo(0.0541153209, 9) // eps moves the tenth digit
    expect(value(kl)).toBeCloseTo(0.0498567562, 9)
  })
  it("has this gradient by the foreground of any one pixel", () => {
    const { gradient } = classRatioLoss(reverseKl, tau, meanRatio(image, mass))
    front.forEach((p, i) => expect(gradient[2 * i + 1]! / (p * (1 - p))).toBeCloseTo(0.1732867951, 9))
  })
  it("has this mutual information: log 2 - (entropy + KL(q || uniform)) = H(q) - entropy", () => {
    const conditional = weightedEntropy(image, mass, [1, 1]).value
    const q = meanRatio(image, mass)
    const information = Math.log(2) - (conditional + classRatioLoss(reverseKl, [0.5, 0.5], q).value)
    expect(information).toBeCloseTo(0.2171166577, 9)
    expect(information).toBeCloseTo(entropy(q.ratio) - conditional, 9)
  })
  it("pays this for a class that is absent", () => {
    expect(classRatioLoss(reverseKl, [1, 0], meanRatio(image, mass)).value).toBeCloseTo(8.5373287051, 9)
  })
})

const logits = Float64Array.from({ length: 15 }, (_, i) => 2 * Math.sin(7 * i + 1))
const masses = Float64Array.of(0.1, 0.3, 0.2, 0.25, 0.15)
const classWeights = [0.2, 0.5, 0.3]
const prior = [0.5, 0.2, 0.3]
const options: SourceFree = {
  lambda: { entropy: 0.7, prior: 1.3 },
  classWeights,
  divergence: reverseKl,
  ratio: "mean",
  power: 1,
  epsilon: 1e-10,
}
const ratioOf = (divergence: typeof kl, ratio: (p: Prediction) => Ratio) => (p: Prediction) =>
  classRatioLoss(divergence, prior, ratio(p))

describe("gradients are those that differences show", () => {
  it.each<[string, (p: Prediction) => LossAndGradient]>([
    ["weighted entropy", (p) => weightedEntropy(p, masses, classWeights)],
    ["mean ratio, reverse-kl", ratioOf(reverseKl, (p) => meanRatio(p, masses))],
    ["mean ratio, kl", ratioOf(kl, (p) => meanRatio(p, masses))],
    ["mean ratio, jensen-shannon", ratioOf(jensenShannon, (p) => meanRatio(p, masses))],
    ["max-normalised ratio", ratioOf(reverseKl, (p) => maxNormalisedRatio(p, masses))],
    ["max-normalised ratio, power 2", ratioOf(reverseKl, (p) => maxNormalisedRatio(p, masses, 2))],
    ["both", (p) => sourceFreeLoss(options, p, masses, prior)],
    ["both, max-normalised", (p) => sourceFreeLoss({ ...options, ratio: "max-normalised" }, p, masses, prior)],
  ])("%s", (_, loss) => {
    const { gradient } = loss(fromLogits(logits, 3))
    const h = 1e-6
    logits.forEach((_, at) => {
      const [above, below] = [h, -h].map(
        (step) =>
          loss(
            fromLogits(
              logits.map((z, i) => (i === at ? z + step : z)),
              3,
            ),
          ).value,
      )
      expect((above! - below!) / (2 * h)).toBeCloseTo(gradient[at]!, 8)
    })
  })
})

describe("losses", () => {
  const all = (p: Prediction, m = uniform(p.pixels)) => sourceFreeLoss(options, p, m, prior).value

  it("don't depend on the order of pixels", () => {
    const order = [3, 0, 4, 1, 2]
    const moved = Float64Array.from(order.flatMap((i) => [...logits.subarray(3 * i, 3 * i + 3)]))
    expect(all(fromLogits(moved, 3))).toBeCloseTo(all(fromLogits(logits, 3)), 12)
  })
  it("are the divergence's: 0 where the ratio is the prior, more elsewhere", () => {
    const flat = fromProbabilities(Float64Array.from([...prior, ...prior]), 3)
    expect(classRatioLoss(reverseKl, prior, meanRatio(flat, uniform(2))).value).toBeCloseTo(0, 12)
    expect(classRatioLoss(reverseKl, prior, meanRatio(fromLogits(logits, 3), masses)).value).toBeGreaterThan(0.001)
  })
  it("have no entropy where predictions are certain", () => {
    const certain = fromProbabilities(Float64Array.of(1, 0, 0, 1), 2)
    const { value, gradient } = weightedEntropy(certain, uniform(2), [1, 1])
    expect(value).toBe(0)
    expect(gradient.every((g) => g === 0)).toBe(true)
    expect(weightedEntropy(fromLogits(Float64Array.of(0, 900), 2), uniform(1), [1, 1]).value).toBe(0)
  })
  it("don't move a class that no pixel shows", () => {
    const collapsed = fromLogits(Float64Array.of(0, -1000, 0, -2000), 2)
    for (const ratio of [meanRatio(collapsed, uniform(2)), maxNormalisedRatio(collapsed, uniform(2))]) {
      const { value, gradient } = classRatioLoss(reverseKl, tau, ratio)
      expect(value).toBeCloseTo(-Math.log(0.75), 9)
      expect(gradient.every((g) => g === 0)).toBe(true)
    }
  })
  it("have nothing to say of one class", () => {
    const one = fromLogits(Float64Array.of(3, -1), 1)
    const only = { ...options, classWeights: [1] }
    expect(sourceFreeLoss(only, one, uniform(2), [1])).toMatchObject({ value: 0, gradient: new Float64Array(2) })
  })
  it("leave a uniform prediction where it is: entropy's maximum is stationary", () => {
    const { gradient } = weightedEntropy(fromLogits(new Float64Array(6), 3), uniform(2), [1, 1, 1])
    gradient.forEach((g) => expect(g).toBeCloseTo(0, 15))
  })
  it("count a pixel that certainly is of one class once, in both ratios", () => {
    const certain = fromLogits(Float64Array.of(50, 0, 0, 50, 50, 0), 2)
    expect(maxNormalisedRatio(certain, uniform(3)).ratio[0]).toBeCloseTo(meanRatio(certain, uniform(3)).ratio[0]!, 12)
  })
})

describe("Dice", () => {
  it("is twice the overlap over both sizes, 1 where both are empty", () => {
    const ones = Array.from({ length: 10 }, () => 1)
    const first = (n: number, from = 0) => ones.map((_, i) => (i >= from && i < from + n ? 1 : 0))
    expect(dice(first(6), first(4, 4), ones)).toBeCloseTo(0.4, 12)
    expect(dice(first(0), first(0), ones)).toBe(1)
    expect(dice(first(3), first(0), ones)).toBe(0)
  })
})

describe("what doesn't fit is refused", () => {
  const p = fromLogits(logits, 3)
  it.each<[string, () => unknown, string]>([
    ["no pixels", () => fromLogits(new Float64Array(0), 2), "there are no pixels"],
    ["a broken row", () => fromLogits(new Float64Array(5), 2), "5 values don't make rows of 2 classes"],
    ["a logit that is no number", () => fromLogits(Float64Array.of(0, 0, Number.NaN, 0), 2), "a logit of pixel 1"],
    ["an infinite logit", () => fromLogits(Float64Array.of(0, Number.POSITIVE_INFINITY), 2), "a logit of pixel 0"],
    ["a row off the simplex", () => fromProbabilities(Float64Array.of(0.5, 0.6), 2), "pixel 0 isn't on the simplex"],
    ["a negative probability", () => fromProbabilities(Float64Array.of(1.5, -0.5), 2), "isn't on the simplex"],
    ["NaN", () => fromProbabilities(Float64Array.of(Number.NaN, 1), 2), "isn't on the simplex"],
    ["too few weights", () => weightedEntropy(p, masses, [1, 1]), "2 class weights for 3 classes"],
    ["a negative weight", () => weightedEntropy(p, masses, [1, 1, -1]), "class weights are finite and not negative"],
    ["too few masses", () => weightedEntropy(p, uniform(4), classWeights), "4 masses for 5 pixels"],
    ["a short prior", () => classRatioLoss(kl, [0.5, 0.5], meanRatio(p, masses)), "2 prior ratios for 3 classes"],
    ["a negative prior", () => classRatioLoss(kl, [1, 0.5, -0.5], meanRatio(p, masses)), "prior ratios are finite"],
  ])("%s", (_, make, reason) => {
    expect(make).toThrow(PredictionInvalid)
    expect(make).toThrow(reason)
  })
  it("a prior off the simplex, by the divergence", () => {
    const off = () => classRatioLoss(kl, [0.5, 0.5, 0.5], meanRatio(p, masses))
    expect(off).toThrow(NotADistribution)
  })
})
