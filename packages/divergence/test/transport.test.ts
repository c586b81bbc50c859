/** Optimal transport in float64: the card's figures, POT's and ott-jax's, limits, and what is refused. */
import { describe, expect, it } from "vitest"
import {
  groundCost,
  NoTransport,
  sinkhorn,
  sinkhornDivergence,
  sinkhornLaws,
  type SinkhornOptions,
  type TransportProblem,
} from "../src/index.ts"
import { assignment } from "../src/transport/assignment.ts"
import { golden, groundCosts, made, softened, weights, zs, zt } from "./transport-problems.ts"

const close = (found: ArrayLike<number>, expected: ArrayLike<number>, digits: number) => {
  expect(found).toHaveLength(expected.length)
  Array.from(expected).forEach((v, i) => expect(found[i]!).toBeCloseTo(v, digits))
}
const rowsOf = (plan: Float64Array, n: number) =>
  Array.from({ length: plan.length / n }, (_, i) => plan.slice(i * n, (i + 1) * n).reduce((a, b) => a + b, 0))
const columnsOf = (plan: Float64Array, n: number) =>
  Array.from({ length: n }, (_, j) => plan.reduce((sum, v, at) => (at % n === j ? sum + v : sum), 0))

/** W of the card: mass 1 here, 3 there. */
const cost = groundCost(softened(zs), softened(zt))
const card: TransportProblem = { cost, size: [3, 3] }
const at20: SinkhornOptions = { epsilon: 0.1, iterations: 20, tolerance: 0 }
const of = (epsilon: number, more: Partial<SinkhornOptions> = {}) => sinkhorn(card, { epsilon, ...more })
const transposed: TransportProblem = {
  cost: cost.map((_, at) => cost[(at % 3) * 3 + Math.floor(at / 3)]!),
  size: [3, 3],
}

describe("the card's problem", () => {
  it("has its costs", () => {
    close(
      cost,
      [0.12453282, 0.32105239, 0.66714757, 0.49025168, 0.5151113, 0.23943589, 0.73247202, 0.33390301, 0.74369017],
      8,
    )
    close(cost, golden.card.cost, 14)
  })
  it.each(["log", "kernel"] as const)("has its plan after 20 iterations, by %s", (domain) => {
    const { plan, cost: sd, iterations } = sinkhorn(card, { ...at20, domain })
    expect(iterations).toBe(20)
    const card20 = [
      0.92398238, 0.06756938, 0.00717216, 0.04345064, 0.01768447, 0.94147202, 0.03256698, 0.91474614, 0.05135583,
    ]
    close(
      plan.map((v) => 3 * v),
      card20,
      8,
    )
    close(
      rowsOf(plan, 3).map((v) => 3 * v),
      [0.99872392, 1.00260713, 0.99866895],
      8,
    )
    close(
      columnsOf(plan, 3).map((v) => 3 * v),
      [1, 1, 1],
      12,
    )
    expect(3 * sd).toBeCloseTo(0.764861454, 9)
    for (const peer of [golden.card.plan.sinkhorn, golden.card.plan.sinkhorn_log]) close(plan, peer, 14)
  })
  it("has its converged values, and says that it converged", () => {
    const { cost: sd, converged, marginalError } = of(0.1)
    expect([converged, marginalError <= 1e-9]).toEqual([true, true])
    expect(3 * sd).toBeCloseTo(0.76504132, 8)
    expect(3 * of(0.5).cost).toBeCloseTo(1.20446075, 8)
  })
  it("says that it didn't converge, and by how much", () => {
    const { converged, marginalError, plan } = sinkhorn(card, at20)
    expect(converged).toBe(false)
    const error = rowsOf(plan, 3).reduce((sum, r) => sum + Math.abs(r - 1 / 3), 0)
    expect(marginalError).toBeCloseTo(error, 12)
    expect(of(0.1, { iterations: 20 }).converged).toBe(false)
    expect(of(0.1, { iterations: 20, tolerance: 0.01 }).converged).toBe(true)
    expect(of(0.1, { iterations: 20, tolerance: 0.01 }).iterations).toBeLessThan(20)
  })
  it("goes to the assignment for small epsilon, in both domains", () => {
    const { columns, cost: exact } = assignment(card)
    expect([...columns]).toEqual([0, 2, 1])
    expect(3 * exact).toBeCloseTo(0.697871716, 9)
    expect(exact).toBeCloseTo(golden.card.exact, 14)
    for (const domain of ["log", "kernel"] as const) {
      expect(of(0.005, { domain }).cost).toBeCloseTo(exact, 9)
      // exp(-0.74 / 1e-4) is 0 in float64
      const tiny = of(1e-4, { domain, iterations: 100 })
      expect([...tiny.plan].every(Number.isFinite)).toBe(true)
      expect(tiny.cost).toBeCloseTo(exact, 9)
    }
    expect([0, 4, 8].reduce((sum, at) => sum + cost[at]!, 0)).toBeCloseTo(1.38333429, 8)
  })
  it("goes to the independent plan for large epsilon", () => {
    expect(3 * of(100).cost).toBeCloseTo(1.38830825, 8)
    expect(cost.reduce((a, b) => a + b, 0) / 3).toBeCloseTo(1.38919895, 8)
    close(of(1e9).plan, new Float64Array(9).fill(1 / 9), 8)
  })
  it("doesn't see the order of rows or columns", () => {
    const moved = groundCost(softened(zs), softened([zt[2]!, zt[0]!, zt[1]!]))
    expect(3 * sinkhorn({ cost: moved, size: [3, 3] }, at20).cost).toBeCloseTo(0.764861454, 9)
    const both = groundCost(softened([zs[1]!, zs[2]!, zs[0]!]), softened([zt[1]!, zt[2]!, zt[0]!]))
    expect(3 * sinkhorn({ cost: both, size: [3, 3] }, at20).cost).toBeCloseTo(0.764861454, 9)
  })
  it("transposed is the transposed plan, and costs the same", () => {
    const [one, other] = [of(0.1), sinkhorn(transposed, { epsilon: 0.1 })]
    expect(other.cost).toBeCloseTo(one.cost, 9)
    close(
      other.plan,
      one.plan.map((_, at) => one.plan[(at % 3) * 3 + Math.floor(at / 3)]!),
      8,
    )
  })
  it("isn't 0 between equal sets: entropic blur, which goes with epsilon", () => {
    const own: TransportProblem = { cost: groundCost(softened(zt), softened(zt)), size: [3, 3] }
    expect(3 * sinkhorn(own, at20).cost).toBeCloseTo(0.0167665295, 9)
    expect(3 * sinkhorn(own, { epsilon: 0.1, tolerance: 1e-12 }).cost).toBeCloseTo(0.0167665422, 10)
    expect(sinkhorn(own, { epsilon: 0.01 }).cost).toBeLessThan(1e-12)
  })
  it("of one row is its cost, whatever epsilon", () => {
    for (const epsilon of [1e-3, 0.1, 100])
      expect(sinkhorn({ cost: [cost[0]!], size: [1, 1] }, { epsilon, iterations: 1 }).cost).toBeCloseTo(0.124532824, 9)
  })
})

describe("against POT and ott-jax", () => {
  it.each(golden.rectangular)("$size at epsilon $epsilon", ({ size: [n, m], epsilon, plan, cost, value }) => {
    for (const domain of ["log", "kernel"] as const) {
      const found = sinkhorn(
        { cost: made(n * m, n).map(Math.abs), size: [n, m], weights: [weights(n, 1), weights(m, 2)] },
        { epsilon, tolerance: 1e-13, iterations: 100_000, domain },
      )
      expect(found.converged).toBe(true)
      close(found.plan, plan.pot, 10)
      close(found.plan, plan.ott, 10)
      expect(found.cost).toBeCloseTo(cost, 10)
      expect(found.value).toBeCloseTo(value, 10)
    }
  })
  it.each(golden.assignment)("assignment of $n", ({ n, columns, cost }) => {
    const found = assignment({ cost: made(n * n, n).map((v) => v + 1), size: [n, n] })
    expect([...found.columns]).toEqual(columns)
    expect(found.cost).toBeCloseTo(cost, 12)
  })
  it.each(golden.divergence)("divergence by $cost", ({ cost, epsilon, value }) => {
    const [x, y] = [
      { values: made(12, 3), dimension: 2 },
      { values: made(16, 5), dimension: 2 },
    ]
    const found = sinkhornDivergence(x, y, { ...groundCosts[cost], epsilon, tolerance: 1e-12, iterations: 100_000 })
    expect(found.converged).toBe(true)
    expect(found.value).toBeCloseTo(value, 9)
  })
})

describe("value and plan", () => {
  it("the plan is the gradient of the value by the cost", () => {
    const problem = (cost: ArrayLike<number>): TransportProblem => ({
      cost,
      size: [3, 4],
      weights: [weights(3, 1), weights(4, 2)],
    })
    const cost = made(12, 4)
    const options = { epsilon: 0.2, tolerance: 1e-14 }
    const { plan } = sinkhorn(problem(cost), options)
    cost.forEach((c, at) => {
      const by = (step: number) => sinkhorn(problem(cost.with(at, c + step)), options).value
      expect(plan[at]!).toBeCloseTo((by(1e-5) - by(-1e-5)) / 2e-5, 8)
    })
  })
  it("the value is cost and entropy", () => {
    const { plan, cost: moved, value } = of(0.1, { tolerance: 1e-13 })
    const entropy = plan.reduce((sum, v) => sum + v * Math.log(9 * v), 0)
    expect(value).toBeCloseTo(moved + 0.1 * entropy, 10)
  })
  it("a weight of 0 moves nothing", () => {
    const { plan, converged } = sinkhorn(
      {
        cost,
        size: [3, 3],
        weights: [
          [0.5, 0, 0.5],
          [0.2, 0.8, 0],
        ],
      },
      { epsilon: 0.1 },
    )
    expect(converged).toBe(true)
    close(rowsOf(plan, 3), [0.5, 0, 0.5], 8)
    close(columnsOf(plan, 3), [0.2, 0.8, 0], 8)
  })
})

describe("ground costs", () => {
  const points = (...values: Array<number>) => ({ values, dimension: 2 })
  it.each([
    [{}, 7],
    [{ norm: 2 }, 5],
    [{ norm: 2, power: 2 }, 25],
    [{ norm: 1, power: 0.5 }, Math.sqrt(7)],
    [{ norm: 3 }, Math.cbrt(27 + 64)],
  ])("%j", (cost, expected) => {
    expect(groundCost(points(1, 1), points(4, -3), cost)[0]).toBeCloseTo(expected, 12)
  })
})

describe("bad input", () => {
  const one = { epsilon: 1 }
  it.each<readonly [string, () => unknown]>([
    ["size: 0 rows and 0 columns", () => sinkhorn({ cost: [], size: [0, 0] }, one)],
    ["cost: it has 3 entries, 2 rows and 2 columns want 4", () => sinkhorn({ cost: [1, 2, 3], size: [2, 2] }, one)],
    ["cost: entry 1 is NaN", () => sinkhorn({ cost: [0, Number.NaN], size: [1, 2] }, one)],
    ["cost: entry 0 is Infinity", () => assignment({ cost: [Infinity], size: [1, 1] })],
    ["epsilon: it is a finite number above 0, not 0", () => sinkhorn(card, { epsilon: 0 })],
    ["epsilon: it is a finite number above 0, not -1", () => sinkhorn(card, { epsilon: -1 })],
    ["iterations: it is a whole number from 1 on, not 0", () => sinkhorn(card, { epsilon: 1, iterations: 0 })],
    ["tolerance: it is a number from 0 on, not NaN", () => sinkhorn(card, { epsilon: 1, tolerance: Number.NaN })],
    ["weights: there are 2 for 1 rows", () => sinkhorn({ cost: [1], size: [1, 1], weights: [[0.5, 0.5], [1]] }, one)],
    ["weights: that of columns 1 is -1", () => sinkhorn({ cost: [1, 1], size: [1, 2], weights: [[1], [2, -1]] }, one)],
    [
      "weights: those of rows sum to 0.5, not to 1",
      () => sinkhorn({ cost: [1], size: [1, 1], weights: [[0.5], [1]] }, one),
    ],
    ["size: 1 rows and 2 columns can't be assigned", () => assignment({ cost: [1, 2], size: [1, 2] })],
    [
      "norm: p of a norm is a finite number from 1 on, not 0.5",
      () => groundCost(softened(zs), softened(zt), { norm: 0.5 }),
    ],
    ["power: it is a finite number above 0, not 0", () => groundCost(softened(zs), softened(zt), { power: 0 })],
  ])("%s", (message, act) => {
    expect(act).toThrow(NoTransport)
    expect(act).toThrow(message)
  })
  it("points of another dimension", () => {
    expect(() => groundCost(softened(zs), { values: [1], dimension: 1 })).toThrow("have dimension 1, not 3")
    const none = { values: [], dimension: 1 }
    expect(() => sinkhornDivergence(none, none, one)).toThrow("there are no points")
  })
})

describe("the divergence of sets keeps its word", () => {
  const set = (size: number, seed: number) => ({ values: made(size * 2, seed).map((v) => 2 * v), dimension: 2 })
  type Set = ReturnType<typeof set>
  const exact = { epsilon: 0.5, tolerance: 1e-10, domain: "kernel" } as const
  const between = (x: Set, y: Set) => sinkhornDivergence(x, y, exact).value
  const union = (x: Set, y: Set): Set => ({ values: [...x.values, ...y.values], dimension: 2 })
  const cases = Array.from({ length: 4 }, (_, i) => [0, 1, 2, 3].map((k) => set(1 + (i % 3), 10 * i + k)))
  it("is 0 of equal sets and above it of others", () => {
    for (const [x, y] of cases) {
      expect(between(x!, x!)).toBeCloseTo(0, 9)
      expect(between(x!, y!)).toBeGreaterThan(1e-3)
    }
  })
  it("symmetric", () => {
    expect(sinkhornLaws.symmetric).toBe(true)
    for (const [x, y] of cases) expect(between(x!, y!)).toBeCloseTo(between(y!, x!), 9)
  })
  it("jointly convex", () => {
    expect(sinkhornLaws.jointlyConvex).toBe(true)
    for (const [p, q, r, s] of cases)
      expect(between(union(p!, r!), union(q!, s!))).toBeLessThanOrEqual((between(p!, q!) + between(r!, s!)) / 2 + 1e-9)
  })
  it("additive: an L1 distance is a sum over coordinates", () => {
    expect(sinkhornLaws.additive).toBe(true)
    const rows = ({ values }: Set) =>
      Array.from({ length: values.length / 2 }, (_, i) => values.slice(2 * i, 2 * i + 2))
    const product = (x: Set, y: Set) => ({
      values: rows(x).flatMap((a) => rows(y).flatMap((b) => [...a, ...b])),
      dimension: 4,
    })
    for (const [p, q, r, s] of cases.slice(0, 3))
      expect(sinkhornDivergence(product(p!, r!), product(q!, s!), exact).value).toBeCloseTo(
        between(p!, q!) + between(r!, s!),
        8,
      )
  })
  it("denied: processing, bounds", () => {
    expect([sinkhornLaws.dataProcessing, sinkhornLaws.bounded]).toEqual([false, false])
    const at = (x: number) => ({ values: [x, 0], dimension: 2 })
    expect(between(at(0), at(2))).toBeGreaterThan(between(at(0), at(1)) + 0.5)
    expect(between(at(0), at(1000))).toBeCloseTo(1000, 9)
  })
})
