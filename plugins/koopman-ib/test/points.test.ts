import { describe, expect, it } from "vitest"
import { evaluatePoints } from "../src/evaluate-points.ts"
import { kernelFit } from "../src/kernel-fit.ts"
import { Clustered, Points } from "../src/tables.ts"
import { twoGaussians } from "../src/two-gaussians.ts"
import { failure, run } from "./run.ts"

const pointsOf = (...x: ReadonlyArray<number>) =>
  Points.make({ id: Int32Array.from({ length: x.length / 2 }, (_, i) => i), x: Float32Array.from(x) })
const data = async (rows: number) => (await run(twoGaussians, {}, { rows })).outputs["data"]

describe("two Gaussians", () => {
  it("are as large as each other, and where they should be", async () => {
    const { x, label } = (await data(2000)).columns
    for (const [cluster, center] of [4, -4].entries())
      for (const k of [0, 1]) {
        const own = [...label.keys()].filter((i) => label[i] === cluster).map((i) => x[2 * i + k] - center)
        expect(own).toHaveLength(2000)
        const mean = own.reduce((a, b) => a + b, 0) / own.length
        expect(Math.abs(mean)).toBeLessThan(0.1)
        expect(Math.abs(own.reduce((a, v) => a + (v - mean) ** 2, 0) / own.length - 1)).toBeLessThan(0.15)
      }
  })
})

const small = { points: 30, steps: 150, every: 25 }

describe("a fit", () => {
  it.each(["cauchy-schwarz", "mmd"])(
    "by %s takes both clusters, and measures its start",
    async (divergence) => {
      const target = await data(20)
      const { outputs, metrics } = await run(kernelFit, { target }, { ...small, divergence })
      expect(metrics.map(({ step }) => step)).toEqual([0, 25, 50, 75, 100, 125, 150])
      expect(metrics.at(-1)!["divergence"]).toBeLessThan(metrics[0]!["divergence"]! / 10)
      const { points } = outputs
      expect([...points.columns.id]).toEqual(Array.from({ length: 30 }, (_, i) => i))
      const { nearness, shares } = (await run(evaluatePoints, { target, points })).outputs
      expect(nearness.columns[divergence === "mmd" ? "mmd" : "cauchySchwarz"][0]).toBeLessThan(
        metrics.at(-1)!["divergence"]! * 1.01,
      )
      expect([...shares.columns.cluster]).toEqual([0, 1])
      for (const share of shares.columns.share) expect(share).toBeGreaterThan(0.3)
    },
    20_000,
  )
  it("cut at a checkpoint and resumed, gives the same bytes and no second start", async () => {
    const target = await data(20)
    const whole = await run(kernelFit, { target }, small)
    expect(whole.checkpoints.map(({ step }) => step)).toEqual([25, 50, 75, 100, 125])
    const rest = await run(kernelFit, { target }, small, whole.checkpoints[2])
    expect(rest.metrics.map(({ step }) => step)).toEqual([100, 125, 150])
    expect(rest.outputs["points"].columns.x).toEqual(whole.outputs["points"].columns.x)
  }, 20_000)
  it("starts from the same points whatever the divergence", async () => {
    const target = await data(2)
    const still = { ...small, steps: 1, learningRate: 1e-30 }
    const [one, other] = [
      await run(kernelFit, { target }, still),
      await run(kernelFit, { target }, { ...still, divergence: "mmd" }),
    ]
    expect(one.outputs["points"].columns.x).toEqual(other.outputs["points"].columns.x)
  })
  it("refuses what has no kernel density", async () => {
    const target = await data(20)
    expect(await failure(kernelFit, { target: pointsOf(1, 2) })).toContain(
      "the target has 1 points, a kernel needs two",
    )
    expect(await failure(kernelFit, { target: pointsOf(1, 2, 3, Number.NaN) })).toContain(
      "target: point 1 has the coordinate NaN",
    )
    expect(await failure(kernelFit, { target: pointsOf(1, 2, Infinity, 4) })).toContain("the coordinate Infinity")
    expect(await failure(kernelFit, { target }, { sigma: 0 })).toMatch(/greater than 0/)
    expect(await failure(kernelFit, { target }, { points: 1 })).toMatch(/greater than or equal to 2/)
    expect(await failure(kernelFit, { target }, { divergence: "kl" })).toMatch(/"cauchy-schwarz" \| "mmd"/)
    expect(await failure(kernelFit, { target }, { ...small, learningRate: 1e38 })).toContain("the training diverged")
  })
})

describe("points and their target", () => {
  const target = Clustered.make({
    id: [0, 1, 2],
    x: Float32Array.of(0, 0, 10, 0, 12, 0),
    label: [7, 3, 3],
  })
  it("by hand", async () => {
    const points = pointsOf(0, 1, 0.5, 0, 9, 0, 14, 3)
    const { nearness, shares } = (await run(evaluatePoints, { target, points })).outputs
    expect([...shares.rows]).toEqual([
      { cluster: 3, share: 0.5 },
      { cluster: 7, share: 0.5 },
    ])
    expect(nearness.columns.within[0]).toBe(0.75)
    const farther = (await run(evaluatePoints, { target, points }, { distance: 4 })).outputs["nearness"]
    expect(farther.columns.within[0]).toBe(1)
  })
  it("a set is at distance 0 of itself", async () => {
    const { nearness } = (await run(evaluatePoints, { target, points: target })).outputs
    expect([...nearness.rows]).toEqual([{ cauchySchwarz: 0, mmd: 0, within: 1 }])
  })
  it("refuses what isn't finite, and other dimensions", async () => {
    expect(await failure(evaluatePoints, { target, points: pointsOf(Number.NaN, 1) })).toContain(
      "model: point 0 has the coordinate NaN",
    )
    const line = Points.make({ id: [0], x: Float32Array.of(1, 2, 3) })
    expect(await failure(evaluatePoints, { target, points: line })).toContain(
      "model: its points have dimension 3, the target's 2",
    )
    expect(await failure(evaluatePoints, { target, points: pointsOf() })).toContain("no points")
  })
})
