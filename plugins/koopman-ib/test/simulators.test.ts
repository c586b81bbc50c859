import { describe, expect, it } from "vitest"
import { burgers } from "../src/burgers.ts"
import { rungeKutta } from "../src/dynamics/simulate.ts"
import { lorenz } from "../src/lorenz.ts"
import { pendulum } from "../src/pendulum.ts"
import { vanDerPol } from "../src/van-der-pol.ts"
import { failure, run } from "./run.ts"

const simulators = { vanDerPol, pendulum, lorenz, burgers }
/** The states of the first trajectories. */
const statesOf = async (stage: (typeof simulators)[keyof typeof simulators], parameters: object) => {
  const { x, id } = (await run(stage, {}, { trajectories: 3, steps: 20, ...parameters })).outputs["data"].columns
  const features = x.length / (id.length * 21)
  return Array.from({ length: id.length }, (_, t) =>
    Array.from({ length: 21 }, (_, s) => [...x.subarray((t * 21 + s) * features, (t * 21 + s + 1) * features)]),
  )
}

it("Runge and Kutta's step is of fourth order", () => {
  // x' = x over a time of 1, in n steps: the error falls by 2^4
  const error = (n: number) => {
    let x = Float64Array.of(1)
    for (let i = 0; i < n; i++) x = rungeKutta((v) => v, x, 1 / n) as Float64Array<ArrayBuffer>
    return Math.E - x[0]!
  }
  expect(Math.log2(error(16) / error(32))).toBeCloseTo(4, 1)
})

type Triple = [ReadonlyArray<number>, ReadonlyArray<number>, ReadonlyArray<number>]
describe("systems", () => {
  it("Van der Pol's has the damping mu (1 - x1^2) x2, and ends on a cycle of amplitude 2", async () => {
    const [first] = await statesOf(vanDerPol, { dt: 1e-3, substeps: 1, mu: 3 })
    const [a, b, c] = first!.slice(4, 7) as [[number, number], [number, number], [number, number]]
    expect((c[0] - a[0]) / 2e-3).toBeCloseTo(b[1], 3)
    expect((c[1] - a[1]) / 2e-3 / (3 * (1 - b[0] ** 2) * b[1] - b[0])).toBeCloseTo(1, 2)
    const { x } = (await run(vanDerPol, {}, { trajectories: 1, steps: 600 })).outputs["data"].columns
    const late = [...x].filter((_, i) => i % 2 === 0 && i > 600) as Array<number>
    expect(Math.max(...late)).toBeCloseTo(2.0086, 1)
  })
  it("a pendulum keeps its energy, and loses it with damping", async () => {
    const energy = ([angle, velocity]: ReadonlyArray<number>) => velocity! ** 2 / 2 - Math.cos(angle!)
    for (const states of await statesOf(pendulum, {})) expect(energy(states.at(-1)!)).toBeCloseTo(energy(states[0]!), 5)
    for (const states of await statesOf(pendulum, { damping: 0.5 }))
      expect(energy(states.at(-1)!)).toBeLessThan(energy(states[0]!))
  })
  it("Lorenz's contracts volumes at the rate sigma + 1 + beta, and stays on its attractor", async () => {
    const [a] = await statesOf(lorenz, { dt: 1e-3, substeps: 1 })
    const [before, [x, y, z], after] = a!.slice(3, 6) as unknown as Triple
    const slope = after.map((v, i) => (v - before[i]!) / 2e-3)
    const flow = [10 * (y! - x!), x! * (28 - z!) - y!, x! * y! - (8 / 3) * z!]
    flow.forEach((v, i) => expect(Math.abs(slope[i]! - v)).toBeLessThan(0.05))
    for (const states of await statesOf(lorenz, {}))
      for (const [x, y, z] of states) {
        expect(Math.abs(x)).toBeLessThan(25)
        expect(Math.abs(y)).toBeLessThan(35)
        expect(z).toBeGreaterThan(0)
      }
  })
  it("Burgers' keeps its mean and loses its energy; a single wave dies out as e^-(viscosity t)", async () => {
    const mean = (u: ReadonlyArray<number>) => u.reduce((a, b) => a + b, 0) / u.length
    const energy = (u: ReadonlyArray<number>) => mean(u.map((v) => v * v))
    for (const states of await statesOf(burgers, {})) {
      expect(mean(states.at(-1)!)).toBeCloseTo(mean(states[0]!), 5)
      expect(energy(states.at(-1)!)).toBeLessThan(energy(states[0]!))
    }
    // with much viscosity the equation is nearly that of heat
    const [heat] = await statesOf(burgers, { points: 64, viscosity: 4, waves: 1, dt: 0.05, substeps: 40 })
    expect(Math.sqrt(energy(heat!.at(-1)!) / energy(heat![0]!)) / Math.exp(-4)).toBeCloseTo(1, 1)
  })
})

describe.each(Object.entries(simulators))("%s", (_, stage) => {
  it("draws other trajectories, of the same system, with noise on what is seen", async () => {
    const [clean, same, other, noisy] = await Promise.all(
      [{}, {}, { draw: 1 }, { noise: 0.3 }].map((more) => statesOf(stage, { trajectories: 10, ...more })),
    )
    expect(same).toEqual(clean)
    expect(other![0]![0]).not.toEqual(clean![0]![0])
    const without = clean!.flat(2)
    const apart = noisy!.flat(2).map((v, i) => v - without[i]!)
    expect(Math.sqrt(apart.reduce((sum, v) => sum + v * v, 0) / apart.length)).toBeCloseTo(0.3, 1)
  })
  it("refuses what isn't a simulation", async () => {
    expect(await failure(stage, {}, { dt: 0 })).toMatch(/greater than 0/)
    expect(await failure(stage, {}, { noise: -1 })).toMatch(/greater than or equal to 0/)
    expect(await failure(stage, {}, { steps: 0 })).toMatch(/greater than 0/)
    expect(await failure(stage, {}, { trajectories: 0 })).toMatch(/greater than 0/)
    expect(await failure(stage, {}, { substeps: 0 })).toMatch(/greater than 0/)
  })
})

it("a step too long for its system is said", async () => {
  expect(await failure(vanDerPol, {}, { dt: 5, substeps: 1 })).toContain("leaves the finite numbers")
})
