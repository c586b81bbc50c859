/** The weights of f-distill: figures of the card, and what must hold for every divergence. */
import { tf } from "@relent/tensor"
import { describe, expect, it } from "vitest"
import { Divergence, FDivergence, members, Property } from "../src/index.ts"
import { boundedRatio, dividedByLevel, relativeScoreWeight } from "../src/tensor/index.ts"
import { backends, read } from "./read.ts"

const { kl, reverseKl, jensenShannon, squaredHellinger, softenedReverseKl, jeffreys, neymanChi2 } = Divergence
const smooth = members.filter((d): d is FDivergence => d instanceof FDivergence && Property.smooth.holds(d))
const logs = [0.25, 1, 4].map(Math.log)
const near = (found: ReadonlyArray<number>, wanted: ReadonlyArray<number>, digits = 5) => {
  expect(found).toHaveLength(wanted.length)
  wanted.forEach((v, i) => expect(found[i]).toBeCloseTo(v, digits))
}
const mean = (values: ReadonlyArray<number>) => values.reduce((a, b) => a + b, 0) / values.length

it.each<[string, FDivergence, number, ReadonlyArray<number>]>([
  ["rkl", reverseKl, 1, [1, 1, 1]],
  ["sf", softenedReverseKl, 1, [0.8, 0.5, 0.2]],
  ["js, twice ours", jensenShannon, 2, [0.2, 0.5, 0.8]],
  ["sh", squaredHellinger, 1, [0.125, 0.25, 0.5]],
  ["kl", kl, 1, [0.25, 1, 4]],
  ["jf", jeffreys, 1, [1.25, 2, 5]],
  ["neyman", neymanChi2, 1, [8, 2, 0.5]],
])("h at 1/4, 1 and 4 is the card's for %s", (_, d, times, wanted) => {
  near(
    logs.map((l) => times * d.scoreWeight(l)),
    wanted,
    12,
  )
})

it("is constant for reverse-kl alone, however that is written", () => {
  const constant = smooth.filter((d) => d.hasConstantScoreWeight).map(({ name }) => name)
  expect(constant).toContain("reverse-kl")
  for (const d of smooth.filter((d) => d.hasConstantScoreWeight))
    for (const l of [-9, -1, 2, 30]) expect(d.scoreWeight(l)).toBeCloseTo(d.scoreWeight(0), 12)
  for (const d of smooth.filter((d) => !d.hasConstantScoreWeight))
    expect(d.scoreWeight(2)).not.toBeCloseTo(d.scoreWeight(0), 6)
  expect(Divergence.alpha.make(0)).toMatchObject({ hasConstantScoreWeight: true })
})

describe.each(backends)("on %s", (_, layer) => {
  const weights = (d: FDivergence, logRatio: Array<number>) =>
    read(layer, () => ({ h: relativeScoreWeight(d, tf.tensor2d([logRatio])) })).then(({ h }) => h)

  it.each(smooth.map((d) => [d.name, d] as const))("h of %s, divided by its mean, is that of float64", async (_, d) => {
    const logRatio = [-2, -0.5, 0, 0.3, 1.7]
    const exact = logRatio.map((l) => d.scoreWeight(l))
    near(
      await weights(d, logRatio),
      exact.map((h) => h / (mean(exact) + 1e-6)),
    )
  })
  it("is exactly 1 for reverse-kl: the method is then DMD2, bit by bit", async () => {
    expect(await weights(reverseKl, [-10, 0.1, 10])).toEqual([1, 1, 1])
  })
  it("doesn't see a constant factor of f, nor c (u - 1) added to it", async () => {
    const logRatio = [-2, -0.5, 0, 0.3, 1.7]
    const half = Divergence.alpha.make(0.5) // four times squared-hellinger
    const wanted = await weights(squaredHellinger, logRatio)
    const exact = logRatio.map((l) => squaredHellinger.scoreWeight(l))
    const epsilon = (1e-6 / mean(exact)) * (1 - 1 / 4) // the 1e-6 beside the mean is no multiple of f
    near(
      await weights(half, logRatio),
      wanted.map((h) => h * (1 + epsilon)),
    )
    const tilted = new FDivergence(
      {
        name: kl.name,
        laws: kl.laws,
        formula: "kl + 3 (u - 1)",
        f: (u, a) => a.add(kl.generator(u, a), a.mul(3, a.sub(u, 1))),
      },
      kl.origin,
    )
    expect(await weights(tilted, logRatio)).toEqual(await weights(kl, logRatio))
  })
  it("means are taken row by row", async () => {
    const rows = [
      [0, 1],
      [3, 3],
    ]
    const { h } = await read(layer, () => ({ h: relativeScoreWeight(kl, tf.tensor2d(rows)) }))
    near(h, [2 / (1 + Math.E), (2 * Math.E) / (1 + Math.E), 1, 1])
  })

  it("a ratio is bounded, twice: no logarithm overflows", async () => {
    const { r } = await read(layer, () => ({
      r: boundedRatio(tf.tensor1d([-1e30, -10, 0, 1, 1e30]), { lower: 0.1, upper: 20 }),
    }))
    near(r, [0.1, 0.1, 1, Math.E, 20])
    const wide = await read(layer, () => ({
      r: boundedRatio(tf.tensor1d([-1e30, 1e30]), { lower: 1e-9, upper: 1e9 }),
    }))
    near([wide.r[0]! / Math.exp(-10), wide.r[1]! / Math.exp(10)], [1, 1])
  })

  // levels 0, 0, 1, 0 of three; before 1, 1, 1
  const given = (rate: number) =>
    read(layer, () => {
      const level = tf.tensor3d(
        [
          [1, 0, 0],
          [1, 0, 0],
          [0, 1, 0],
          [1, 0, 0],
        ].flat(),
        [1, 4, 3],
      )
      const { ratio, means } = dividedByLevel(tf.tensor2d([[1, 2, 5, 6]]), level, tf.ones([1, 3]), rate)
      return { ratio, means }
    })
  it("ratios are divided by the mean of their level; a level without one keeps its mean", async () => {
    const now = await given(0)
    near(now.means, [3, 5, 1])
    near(now.ratio, [1 / 3, 2 / 3, 1, 2])
    const slow = await given(0.5)
    near(slow.means, [2, 3, 1])
    near(slow.ratio, [0.5, 1, 5 / 3, 3])
  })
})
