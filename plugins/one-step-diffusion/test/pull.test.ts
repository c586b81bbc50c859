/** The generator's loss: figures of the card, and what must hold for every divergence. */
import { Divergence, FDivergence, members, Property } from "@relent/divergence"
import { tf } from "@relent/tensor"
import { describe, expect, it } from "vitest"
import { oneHotLevels } from "../src/f-distill/draws.ts"
import { finitePart, firstFault, type Guesses, matchingLoss, pullOf, type PullOptions } from "../src/f-distill/pull.ts"
import { close, read } from "./read.ts"

const smooth = members.filter((d): d is FDivergence => d instanceof FDivergence && Property.smooth.holds(d))
const options = {
  divergence: Divergence.reverseKl,
  bounds: { lower: 0.1, upper: 20 },
  ratioEmaRate: 0,
  scaled: true,
} as const
const row = (...values: ReadonlyArray<number>) => tf.tensor3d([...values], [1, values.length / 2, 2])
const card = (more: Partial<Guesses> = {}): Guesses => ({
  x: row(1, 2),
  teacher: row(0.5, 2.5),
  fake: row(0.7, 2),
  logRatio: undefined,
  level: tf.ones([1, 1, 1]),
  means: tf.ones([1, 1]),
  ...more,
})
/** Two samples with log-ratios of a discriminator, on one level. */
const two = (logRatio: ReadonlyArray<number>, more: Partial<Guesses> = {}): Guesses =>
  card({
    x: row(1, 2, 0, 0),
    teacher: row(0.5, 2.5, 1, 1),
    fake: row(0.7, 2, 0, 3),
    logRatio: tf.tensor2d([...logRatio], [1, 2]),
    level: tf.ones([1, 2, 1]),
    ...more,
  })

describe("the matching loss", () => {
  it("has the card's pull, value and gradient", async () => {
    close(await read(() => pullOf(options, card()).pull), [0.4, -1])
    close(await read(() => matchingLoss(row(1, 2), row(0.4, -1))), [0.29])
    close(await read(() => tf.grad((x) => tf.sum(matchingLoss(x, row(0.4, -1))))(row(1, 2))), [0.2, -0.5])
  })
  it("averages over the batch and the coordinates, member by member", async () => {
    const x = () => tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2])
    const g = () => tf.tensor3d([1, 0, 0, 0, 2, 2, 2, 2], [2, 2, 2])
    close(await read(() => matchingLoss(x(), g())), [1 / 8, 2])
  })
  it("without scaling is that of Diff-Instruct: D_F - D_T", async () => {
    close(await read(() => pullOf({ ...options, scaled: false }, card()).pull), [0.2, -0.5])
  })
  it("is that of DMD2 under reverse-kl, bit by bit, whatever the ratio", async () => {
    const dmd = await read(() => pullOf(options, two([0, 0], { logRatio: undefined })).pull)
    expect(await read(() => pullOf(options, two([-3, 2])).pull)).toEqual(dmd)
  })
  it.each(smooth.map((d) => [d.name, d] as const))(
    "doesn't pull where teacher and student agree: %s",
    async (_, divergence) => {
      const same = () => two([0.3, -0.4], { fake: row(0.5, 2.5, 1, 1) })
      close(await read(() => pullOf({ ...options, divergence }, same()).pull), [0, 0, 0, 0], 12)
    },
  )
  it("weighs by h of the ratio: kl by the ratio itself, relative to the batch", async () => {
    const logs = [Math.log(0.5), Math.log(2)]
    const plain: PullOptions = { ...options, ratioEmaRate: undefined }
    const weights = (divergence: FDivergence, o = plain) => read(() => pullOf({ ...o, divergence }, two(logs)).weight)
    close(await weights(Divergence.kl), [0.4, 1.6])
    close(
      await weights(Divergence.jensenShannon),
      [1 / 6, 1 / 3].map((h) => h / (0.25 + 1e-6)),
    )
    close(await weights(Divergence.kl, { ...plain, bounds: { lower: 0.8, upper: 1.25 } }), [0.8 / 1.025, 1.25 / 1.025])
    // divided by the level's mean, 1.25, js sees 0.4 and 1.6
    const [a, b] = [0.4 / 1.4, 1.6 / 2.6]
    close(await weights(Divergence.jensenShannon, options), [(2 * a) / (a + b), (2 * b) / (a + b)], 4)
  })
  it("remembers the mean ratio of each level", async () => {
    const given = () =>
      two([Math.log(0.5), Math.log(2)], { level: tf.tensor3d([0, 1, 0, 1], [1, 2, 2]), means: tf.ones([1, 2]) })
    close(
      await read(() => pullOf({ ...options, divergence: Divergence.kl, ratioEmaRate: 0.5 }, given()).means),
      [1, 1.125],
    )
  })
  it("is finite where a sample is the teacher's guess, and where the logits are huge", async () => {
    const at = () => two([1e30, -1e30], { x: row(0.5, 2.5, 1, 1) })
    for (const divergence of smooth)
      for (const v of await read(() => pullOf({ ...options, divergence }, at()).pull))
        expect(v).toSatisfy(Number.isFinite)
  })
})

describe("values that aren't finite", () => {
  it("are told by the number of the first sample", async () => {
    const fine = () => row(1, 2, 3, 4, 5, 6)
    const bad = () => row(1, 2, 3, Number.NaN, Number.POSITIVE_INFINITY, 6)
    expect(await read(() => firstFault(fine(), fine()))).toEqual([-1])
    expect(await read(() => firstFault(fine(), bad()))).toEqual([1])
    expect(await read(() => firstFault(fine(), tf.tensor2d([Number.NaN, 1, 1], [1, 3])))).toEqual([0])
  })
  it("are left out of the pull", async () => {
    expect(await read(() => finitePart(row(1, Number.NaN, Number.NEGATIVE_INFINITY, 2)))).toEqual([1, 0, 0, 2])
  })
})

it("levels have bins of equal width", () => {
  const bins = oneHotLevels(Float32Array.of(0, 0.99, 1, 9.99, 10), { min: 0, max: 10 }, 10)
  const at = (i: number) => bins.subarray(i * 10, i * 10 + 10).indexOf(1)
  expect([0, 1, 2, 3, 4].map(at)).toEqual([0, 0, 1, 9, 9])
  expect(bins.reduce((a, b) => a + b)).toBe(5)
})
