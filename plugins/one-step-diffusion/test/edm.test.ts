/** Figures of the cards on noise, preconditioning, the sampler, and a mixture's denoiser. */
import { source } from "@relent/random"
import { tf, toDevice } from "@relent/tensor"
import { describe, expect, it } from "vitest"
import { type Combine, heun } from "../src/edm/heun.ts"
import { descending, levelAt } from "../src/edm/levels.ts"
import { denoise, dimensionOf, edmShape, initEdm, lossWeight, preconditioning, seen } from "../src/edm/network.ts"
import { MixtureInvalid } from "../src/gaussian-mixture.ts"
import { denoiseMixture, deviationOf, drawPoints, makeIsotropicMixture } from "../src/isotropic-mixture.ts"
import { close, read } from "./read.ts"

/** One level for all rows. */
const at = (rows: number, sigma: number, members = 1) => tf.mul(tf.ones([members, rows, 1]), sigma)
const levels = { min: 0.002, max: 80 }
const onNumbers: Combine<number> = (...terms) => terms.reduce((sum, [c, x]) => sum + c * x, 0)

describe("levels of noise", () => {
  it("of the sampler are the card's", () => {
    const all = descending(18, levels)
    expect(all).toHaveLength(19)
    close(all.slice(0, 4), [80, 57.585985, 40.785574, 28.374585], 6)
    expect(all[17]).toBeCloseTo(0.002, 12)
    expect(all[18]).toBe(0)
    expect(descending(1, levels)).toEqual([80, 0])
  })
  it("go from the highest to the lowest", () => {
    expect(levelAt(0, levels)).toBeCloseTo(80, 12)
    expect(levelAt(1, levels)).toBeCloseTo(0.002, 12)
    expect(levelAt(0.5, levels)).toBeCloseTo(((80 ** (1 / 7) + 0.002 ** (1 / 7)) / 2) ** 7, 12)
  })
})

describe("Heun's method on a Gaussian's exact denoiser", () => {
  const ended = (deviation: number, min: number, max: number) => {
    const exact = (x: number, t: number) => (deviation ** 2 * x) / (deviation ** 2 + t ** 2)
    return heun(max, descending(18, { min, max }), exact, onNumbers)
  }
  it("ends where the card says", () => {
    expect(ended(0.5, 0.002, 80)).toBeCloseTo(0.52762464, 8)
    expect(ended(1, 0.02, 10)).toBeCloseTo(1.00801969, 8)
  })
  it("comes to the exact end with more steps", () => {
    const exact = (x: number, t: number) => (0.25 * x) / (0.25 + t ** 2)
    const far = heun(80, descending(2000, levels), exact, onNumbers)
    expect(far).toBeCloseTo((80 * 0.5) / Math.hypot(0.5, 80), 5) // 0.49999023 at level 0, but for the last step
  })
  it("with one step gives the denoiser's guess at the highest level", () => {
    expect(heun(3, descending(1, { min: 0.1, max: 5 }), (x, t) => x * t, onNumbers)).toBeCloseTo(15, 12)
  })
})

describe("preconditioning", () => {
  it("has the card's coefficients at level 1", async () => {
    const found = await read(() => {
      const { skip, out, in: scale, features } = preconditioning(at(1, 1), 0.5)
      return tf.concat([skip, out, scale, tf.slice(features, [0, 0, 0], [1, 1, 1])], -1)
    })
    close(found, [0.2, 0.4472136, 0.8944272, 0], 6)
  })
  it("makes errors count alike: the weight is 1 / c_out^2", async () => {
    const found = await read(() => {
      const sigma = tf.tensor3d([0.02, 0.5, 3, 40], [1, 4, 1])
      return tf.mul(lossWeight(sigma, 0.5), tf.square(preconditioning(sigma, 0.5).out))
    })
    close(found, [1, 1, 1, 1])
  })
  const options = { dimension: 2, hidden: [8], activation: "silu", dataDeviation: 0.5 } as const
  it("shows a network the scaled point and five features of the level", async () => {
    const c = Math.log(3) / 4
    const found = await read(() => seen(tf.ones([1, 1, 2]), preconditioning(at(1, 3), 0.5)))
    const scale = 1 / Math.hypot(3, 0.5)
    close(found, [scale, scale, c, Math.sin(2 * c), Math.cos(2 * c), Math.sin(4 * c), Math.cos(4 * c)])
  })
  it("lets a network of zeros be c_skip x, and starts near to that", async () => {
    const shape = edmShape({ ...options, members: 1 })
    const random = source({ seed: 1, stream: "edm" })
    const [x, sigma] = [() => tf.tensor3d([[[1, -2]]]), () => preconditioning(at(1, 1), 0.5)] as const
    const none = await read(() => {
      const tree = Object.fromEntries(
        Object.entries(toDevice(initEdm(shape, random))).map(([p, t]) => [p, tf.zerosLike(t)]),
      )
      return denoise(shape, tree, x(), sigma())
    })
    close(none, [0.2, -0.4])
    const start = await read(() => denoise(shape, toDevice(initEdm(shape, random)), x(), sigma()))
    start.forEach((v, i) => expect(Math.abs(v - none[i]!)).toBeLessThan(0.3))
    expect(start).not.toEqual(none)
  })
  it("lets a U-Net of zeros be c_skip x, tells it the level, and serves members by one", async () => {
    const unet = { image: [2, 3, 1], channels: [4, 8], groups: 2 } as const
    const shape = { ...unet, activation: "silu", members: 1, dataDeviation: 0.5 } as const
    expect(dimensionOf(shape)).toBe(6)
    const random = source({ seed: 1, stream: "edm" })
    const of = (members: number, sigma: number, weight = 1) =>
      read(() => {
        const all = Object.entries(toDevice(initEdm(shape, random)))
        const tree = Object.fromEntries(all.map(([path, t]) => [path, tf.mul(t, weight)]))
        const x = tf.tensor3d(
          Float32Array.from({ length: members * 12 }, (_, i) => (i % 12) / 6 - 1),
          [members, 2, 6],
        )
        return denoise(shape, tree, x, preconditioning(at(2, sigma, members), 0.5))
      })
    close(
      await of(1, 1, 0),
      Array.from({ length: 12 }, (_, i) => 0.2 * (i / 6 - 1)),
    )
    const [one, two] = [await of(1, 1), await of(2, 1)]
    close(two, [...one, ...one])
    const seen = (out: ReadonlyArray<number>, skip: number) => out.map((v, i) => v - skip * (i / 6 - 1))
    const [low, high] = [seen(one, 0.2), seen(await of(1, 1.5), 0.1)]
    expect(Math.max(...low.map((v, i) => Math.abs(v / 0.4472136 - high[i]! / 0.4743416)))).toBeGreaterThan(1e-3)
  })
  it("serves several members by one network, and by one each, with the same numbers", async () => {
    const random = source({ seed: 1, stream: "edm" })
    const one = edmShape({ ...options, members: 1 })
    const x = (members: number) =>
      tf.tensor3d(
        random("x")
          .normals(2 * 3 * 2)
          .slice(0, members * 6),
        [members, 3, 2],
      )
    const sigma = (members: number) => preconditioning(at(3, 0.7, members), 0.5)
    const tree = () => toDevice(initEdm(one, random))
    const shared = await read(() => denoise(one, tree(), x(2), sigma(2)))
    const first = await read(() => denoise(one, tree(), x(1), sigma(1)))
    close(shared.slice(0, 6), first)
    const twice = () => Object.fromEntries(Object.entries(tree()).map(([p, t]) => [p, tf.concat([t, t])]))
    close(await read(() => denoise({ ...one, members: 2 }, twice(), x(2), sigma(2))), shared)
  })
})

describe("a mixture in space", () => {
  it("has the denoiser of the card at sigma 0.3", async () => {
    const line = makeIsotropicMixture([0.3, 0.7], [-2, 2], [0.5, 0.5])
    const found = await read(() => denoiseMixture(line, tf.tensor3d([[[0.5]]]), at(1, 0.3)))
    close(found, [0.89579509], 6)
  })
  const plane = makeIsotropicMixture([0.25, 0.75], [0, 1, 2, -1], [0.1, 0.4])
  it("keeps a point without noise, and gives the mean for noise alone", async () => {
    const guess = (x: ReadonlyArray<number>, sigma: number) =>
      read(() => denoiseMixture(plane, tf.tensor3d([[[...x]]]), at(1, sigma)))
    close(await guess([0.1, 0.9], 1e-3), [0.1, 0.9], 4)
    close(await guess([0, 0], 1e4), [1.5, -0.5], 4)
  })
  it("is drawn from with its weights, means and deviations", () => {
    const rows = 40_000
    const x = drawPoints(plane, rows, source({ seed: 101, stream: "test" })("points"))
    let [first, sum] = [0, 0]
    for (let i = 0; i < rows; i++) {
      if (x[2 * i + 1]! > 0.5) first++
      sum += x[2 * i]!
    }
    expect(Math.abs(first / rows - 0.25)).toBeLessThan(0.01)
    expect(Math.abs(sum / rows - 1.5)).toBeLessThan(0.02)
    // sqrt of the mean variance: (0.25 * 0.1^2 + 0.75 * 0.4^2 + 0.1875 * 4) over both coordinates, whose means are 2 apart
    expect(deviationOf(plane)).toBeCloseTo(Math.sqrt(0.25 * 0.01 + 0.75 * 0.16 + 0.1875 * 4), 12)
  })
  it.each([
    [[0.5, 0.5], [0, 1, 2], [1, 1], "3 coordinates aren't the means of 2 weights"],
    [[0.5, 0.6], [0, 1], [1, 1], "sum to 1, not 1.1"],
    [[1], [Number.NaN], [1], "a mean isn't finite"],
    [[1], [0], [0], "deviations are finite and above 0"],
  ])("is not %j, %j, %j", (weights, means, deviations, reason) => {
    const make = () => makeIsotropicMixture(weights, means, deviations)
    expect(make).toThrow(MixtureInvalid)
    expect(make).toThrow(reason)
  })
})
