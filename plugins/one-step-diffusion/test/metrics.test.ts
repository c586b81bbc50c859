/** Metrics of samples, from figures of the cards and from cases that are known; images in few coordinates. */
import { bandwidth, unbiasedMmd } from "@relent/divergence"
import { Model } from "@relent/nn"
import { source } from "@relent/random"
import { tensorValue } from "@relent/arrow"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { Components, componentsOf, countOf, project, render } from "../src/components.ts"
import { fitComponents } from "../src/fit-components.ts"
import { generationMetrics } from "../src/generation-metrics.ts"
import { makeIsotropicMixture } from "../src/isotropic-mixture.ts"
import { frechetDistance, momentsOf } from "../src/metrics/frechet.ts"
import { coveredModes, nearestModes, sharesOf, totalVariation } from "../src/metrics/modes.ts"
import { energyDistance, precisionAndRecall } from "../src/metrics/neighbours.ts"
import { project as projectStage } from "../src/project.ts"
import { render as renderStage } from "../src/render.ts"
import { Points, Samples, samplesOf } from "../src/tables.ts"
import { images as needed } from "../src/tables.ts"
import { TableSchema, Column } from "@relent/arrow"
import { close } from "./read.ts"
import { failure, run } from "./run.ts"

const line = (...values: ReadonlyArray<number>) => ({ values, width: 1 })

describe("distances", () => {
  it("have moments by n - 1", () => {
    const { mean, covariance } = momentsOf({ values: [1, 2, 3, 6, 5, 1], width: 2 })
    expect([...mean]).toEqual([3, 3])
    close(
      covariance.flatMap((row) => [...row]),
      [4, -1, -1, 7],
      12,
    )
  })
  it("of Fréchet are the card's for points with its moments", () => {
    // three points in general position have any moments: the two Gaussians of the card, by Cholesky factors
    const third = Math.sqrt(3) / 2
    const corners = [
      [1, 0],
      [-0.5, third],
      [-0.5, -third],
    ].map(([a, b]) => [a! * Math.sqrt(4 / 3), b! * Math.sqrt(4 / 3)])
    const points = (l: ReadonlyArray<number>, shift: number) => ({
      values: corners.flatMap(([a, b]) => [l[0]! * a! + shift, l[1]! * a! + l[2]! * b!]),
      width: 2,
    })
    const made = points([Math.SQRT2, 0.5 / Math.SQRT2, Math.sqrt(1 - 0.125)], 0)
    close(
      momentsOf(made).covariance.flatMap((row) => [...row]),
      [2, 0.5, 0.5, 1],
      12,
    )
    expect(frechetDistance(points([1, 0, 2], 1), made)).toBeCloseTo(2.27943377, 8)
  })
  it("of Fréchet count a direction without variance by its mean", () => {
    const flat = { values: [0, 5, 1, 5, 2, 5], width: 2 }
    expect(frechetDistance(flat, flat)).toBeCloseTo(0, 9)
    expect(frechetDistance(flat, { values: [0, 7, 1, 7, 2, 7], width: 2 })).toBeCloseTo(4, 9)
  })
  it("of energy are 2 E|X - Y| - E|X - X'| - E|Y - Y'|", () => {
    expect(energyDistance(line(0, 1), line(0.5, 2))).toBeCloseTo(2 * ((0.5 + 2 + 0.5 + 1) / 4) - 0.5 - 0.75, 12)
    expect(energyDistance(line(0, 1, 4), line(4, 0, 1))).toBe(0)
  })
})

describe("precision and recall", () => {
  it("are balls that reach to the k-th neighbour", () => {
    // real 0, 1, 3 with k = 1 have the radii 1, 1, 2: balls [-1, 1], [0, 2], [1, 5]
    const both = precisionAndRecall(line(0, 1, 3), line(-1.5, 1.5, 4.9, 9), 1)
    expect(both.precision).toBe(0.5) // 1.5 and 4.9
    // made -1.5, 1.5, 4.9, 9 have the radii 3, 3, 3.4, 4.1: 0, 1 and 3 are within
    expect(both.recall).toBe(1)
    expect(precisionAndRecall(line(0, 1, 3), line(0.5, 0.51, 0.52), 1)).toEqual({ precision: 1, recall: 0 })
  })
  it("see a mode that is left out, and one that isn't there", () => {
    const { normals } = source({ seed: 101, stream: "test" })("points")
    const blob = (mean: number) => [...normals(60)].map((v) => mean + v / 10)
    const [two, one] = [line(...blob(-1), ...blob(1)), line(...blob(1), ...blob(1))]
    const dropped = precisionAndRecall(two, one, 3)
    expect(dropped.precision).toBeGreaterThan(0.9)
    expect(dropped.recall).toBeLessThan(0.6)
    const invented = precisionAndRecall(one, two, 3)
    expect(invented.precision).toBeLessThan(0.6)
    expect(invented.recall).toBeGreaterThan(0.9)
  })
})

const pair = makeIsotropicMixture([0.25, 0.75], [-1, 0, 1, 0], [0.1, 0.2])

describe("modes", () => {
  it("are the nearest means", () => {
    const { mode, deviations } = nearestModes({ values: [-1, 0.1, 0.2, 0, 1, -0.5], width: 2 }, pair)
    expect([...mode]).toEqual([0, 1, 1])
    close([...deviations], [1, 4, 2.5], 12)
  })
  it("have shares, a total variation, and are covered above a quarter of their weight", () => {
    const shares = sharesOf(Int32Array.of(0, 2, 2, 2), 3)
    expect([...shares]).toEqual([0.25, 0, 0.75])
    const weights = Float64Array.of(0.5, 0.4, 0.1)
    expect(totalVariation(shares, weights)).toBeCloseTo((0.25 + 0.4 + 0.65) / 2, 12)
    expect(coveredModes(shares, weights)).toBe(2)
    expect(coveredModes(Float64Array.of(0.125, 0.1001, 0.77), weights)).toBe(2)
  })
})

describe("the stage", () => {
  const real = Points.fromRows([-1, -1.1, 1, 1.1, 0.9, 1.05, 0.95, 1.2].map((v) => ({ x: Float32Array.of(v, 0) })))
  const samples = samplesOf(Float32Array.of(-1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 2, 0), 2, 4)
  it("judges each member by a mixture's modes", async () => {
    const { metrics, modes } = await run(generationMetrics, { samples, real, mixture: pair }, { neighbours: 1 })
    expect([...metrics.columns.member]).toEqual([0, 1])
    close([...metrics.columns.totalVariation], [0, 0.25], 12)
    expect([...metrics.columns.covered]).toEqual([1, 0.5])
    expect([...metrics.columns.near]).toEqual([1, 0.75])
    expect(metrics.columns.frechet[0]).toBeLessThan(metrics.columns.frechet[1])
    const points = (x: Float32Array) => ({ values: x, dimension: 2 })
    const wide = bandwidth("median", points(real.columns.x))
    const second = points(samples.columns.x.subarray(8))
    expect(metrics.columns.mmd[1]).toBeCloseTo(unbiasedMmd(points(real.columns.x), second, wide), 12)
    close([...modes.columns.share], [0.25, 0.75, 0, 1], 12)
    close([...modes.columns.weight], [0.25, 0.75, 0.25, 0.75], 12)
  })
  // two hidden units relu(x), relu(-x), and classes by the larger: left is 1
  const value = (values: ReadonlyArray<number>, ...shape: ReadonlyArray<number>) =>
    tensorValue("float32", Float32Array.from(values), shape)
  const classifier: Model = {
    kind: "mlp",
    widths: [2, 2, 2],
    members: 1,
    activation: "relu",
    input: { dtype: "float32", scale: 1 },
    parameters: {
      "layers/0/weight": value([1, -1, 0, 0], 1, 2, 2),
      "layers/0/bias": value([0, 0], 1, 1, 2),
      "layers/1/weight": value([1, 0, 0, 1], 1, 2, 2),
      "layers/1/bias": value([0, 0], 1, 1, 2),
    },
  }
  it("judges by a classifier's features and classes", async () => {
    const { metrics, modes } = await run(generationMetrics, { samples, real, classifier }, { neighbours: 1 })
    close([...metrics.columns.totalVariation], [0, 0.25], 6)
    close([...modes.columns.weight], [0.75, 0.25, 0.75, 0.25], 6)
    const relu = (x: Float32Array) => ({
      values: [...x].filter((_, i) => i % 2 === 0).flatMap((v) => [Math.max(0, v), Math.max(0, -v)]),
      width: 2,
    })
    const { x } = samples.columns
    expect(metrics.columns.frechet[1]).toBeCloseTo(frechetDistance(relu(real.columns.x), relu(x.subarray(8))), 6)
  })
  it("refuses what doesn't fit", async () => {
    const on = (inputs: object, parameters: object = {}) =>
      failure(generationMetrics, { samples, real, mixture: pair, ...inputs }, parameters)
    expect(await on({ mixture: undefined })).toContain("modes are a mixture's or a classifier's")
    expect(await on({ classifier: { ...classifier, kind: "cnn" } })).toContain("the classifier is a cnn")
    expect(await on({ classifier })).toContain("connect one of 'mixture' and 'classifier'")
    expect(await on({}, { neighbours: 4 })).toContain("there are 4 rows, and 4 neighbours are wanted")
    expect(await on({ samples: samplesOf(new Float32Array(8), 1, 8) })).toContain(
      "samples have 1 coordinates, real points 2",
    )
    const space = makeIsotropicMixture([1], [0, 0, 0], [1])
    expect(await on({ mixture: space })).toContain("samples have 2 coordinates, the mixture 3")
    const same = Points.fromRows(Array.from({ length: 8 }, () => ({ x: Float32Array.of(1, 0) })))
    expect(await on({ real: same })).toContain("by the rule 'median' their kernel has the width 0")
    expect(await on({ samples: samplesOf(new Float32Array(16).fill(Number.NaN), 1, 8) })).toContain(
      "row 0 has the coordinate NaN",
    )
  })
})

describe("principal components", () => {
  const Images = TableSchema.make("test/images", 1, { ...needed, image: Column.tensor("uint8", [2, 2]) })
  // along (1, 1, 0, 0) with deviation a, along (0, 0, 1, -1) with b, about 100
  const steps = [
    [-2, -1],
    [-2, 1],
    [2, -1],
    [2, 1],
  ] as const
  const bytes = Uint8Array.from(steps.flatMap(([a, b]) => [100 + 20 * a, 100 + 20 * a, 100 + 10 * b, 100 - 10 * b]))
  const data = Images.make({ id: [0, 1, 2, 3], label: [7, 8, 9, 7], image: bytes })

  it("are the directions of largest variance, scaled to a common deviation", () => {
    const components = componentsOf(bytes, [2, 2], 2, 0.5)!
    const h = Math.SQRT1_2
    close([...components.directions], [h, h, 0, 0, 0, 0, h, -h], 9)
    close(
      [...components.mean],
      [100, 100, 100, 100].map((v) => v / 255),
      12,
    )
    expect(components.variance).toBeCloseTo(1, 9)
    const x = project(components, bytes)
    const squares = [...x].reduce((sum, v) => sum + v * v, 0)
    expect(Math.sqrt(squares / x.length)).toBeCloseTo(0.5, 6)
    expect(x[0]! / x[1]!).toBeCloseTo(4, 5)
    expect([...render(components, x)]).toEqual([...bytes])
    expect(componentsOf(bytes, [2, 2], 1, 0.5)!.variance).toBeCloseTo(16 / 17, 9)
  })
  it("don't leave the range of bytes", () => {
    const components = componentsOf(bytes, [2, 2], 1, 0.5)!
    expect([...render(components, Float32Array.of(100, -100))]).toEqual([255, 255, 100, 100, 0, 0, 100, 100])
  })
  it("go through their stages and back", async () => {
    const { components, points } = await run(fitComponents, { data }, { count: 2 })
    expect([...points.columns.label]).toEqual([7, 8, 9, 7])
    const { points: again } = await run(projectStage, { data, components })
    expect([...again.columns.x]).toEqual([...points.columns.x])
    const { images } = await run(renderStage, { samples: samplesOf(points.columns.x, 2, 2), components })
    expect([...images.columns.image]).toEqual([...bytes])
    expect([...images.columns.member]).toEqual([0, 0, 1, 1])
    expect(await Effect.runPromise(Components.decode(Components.encode(components)))).toEqual(components)
    expect(countOf(components)).toBe(2)
  })
  it("are pixels, if asked for", async () => {
    const { components, points } = await run(fitComponents, { data }, { basis: "pixels" })
    const x = points.columns.x
    expect(countOf(components)).toBe(4)
    expect(Math.sqrt([...x].reduce((sum, v) => sum + v * v, 0) / x.length)).toBeCloseTo(0.5, 6)
    for (let j = 0; j < 4; j++) expect(x[j]! + x[4 + j]! + x[8 + j]! + x[12 + j]!).toBeCloseTo(0, 5)
    const { images } = await run(renderStage, { samples: samplesOf(x, 2, 2), components })
    expect([...images.columns.image]).toEqual([...bytes])
    expect([...render(components, Float32Array.of(100, -100, 0, 0))]).toEqual([255, 0, 100, 100])
    expect(await Effect.runPromise(Components.decode(Components.encode(components)))).toEqual(components)
    const same = Images.make({ id: [0, 1], label: [7, 7], image: new Uint8Array(8).fill(9) })
    expect(await failure(fitComponents, { data: same }, { basis: "pixels" })).toContain("don't vary in any direction")
  })
  it("refuse what they can't be of", async () => {
    expect(await failure(fitComponents, { data }, { count: 3 })).toContain(
      "4 images of 2 x 2 don't vary in 3 directions",
    )
    const components = componentsOf(bytes, [2, 2], 2, 0.5)!
    const Wide = TableSchema.make("test/images", 1, { ...needed, image: Column.tensor("uint8", [2, 3]) })
    const wide = Wide.make({ id: [0], label: [0], image: new Uint8Array(6) })
    expect(await failure(projectStage, { data: wide, components })).toContain(
      "the images have 6 pixels, the components are of 2 x 2",
    )
    const three = Samples.make({ id: [0], member: [0], x: new Float32Array(3) })
    expect(await failure(renderStage, { samples: three, components })).toContain(
      "samples have 3 coordinates, the components 2",
    )
    const short = Components.encode({ ...components, mean: new Float64Array(3) })
    await expect(Effect.runPromise(Components.decode(short))).rejects.toThrow("of other images")
  })
})
