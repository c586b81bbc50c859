import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { draws, many, property, size } from "./property.ts"
import { far, raw } from "./raw.ts"
import { chunks, type Row, total, ulp } from "./rows.ts"

const lse = (x: Row): number => {
  const top = Math.max(...x)
  return Number.isFinite(top) ? top + Math.log(total(x.map((v) => Math.exp(v - top)))) : top
}
const long = fc.oneof({ arbitrary: size(), weight: 8 }, fc.constant(0), fc.integer({ min: 200, max: 600 }))
const strange = (...values: ReadonlyArray<number>) =>
  fc.option(fc.constantFrom(NaN, Infinity, -Infinity, 1e4, -1e4, 1e-45, ...values), { freq: 3 })
const cases = fc.record({
  groups: fc.integer({ min: 0, max: 3 }),
  rows: long,
  columns: size(),
  seed: fc.nat(),
  epsilon: fc.constantFrom(0.3, 1, 20),
  logMass: fc.constantFrom(0, -3),
  oddCost: strange(Math.fround(1e38)),
  oddH: strange(-Infinity),
  nothing: fc.option(fc.constantFrom(-Infinity, Infinity), { freq: 6 }),
  down: fc.boolean(),
})
type Given = typeof cases extends fc.Arbitrary<infer A> ? A : never

/** Costs and potentials between -20 and 20 with something strange in one place, potentials of one group of nothing else; all x, by what they are summed to. */
const prepared = ({ groups, seed, epsilon, oddCost, oddH, nothing, down, ...sizes }: Given) => {
  const [rows, columns] = down ? [sizes.rows, sizes.columns] : [sizes.columns, sizes.rows]
  const [own, other] = down ? [columns, rows] : [rows, columns]
  const cost = draws(seed, groups * rows * columns, -20, 20)
  const h = draws(seed + 1, groups * other, -20, 20)
  if (oddCost !== null && cost.length > 0) cost[seed % cost.length] = oddCost
  if (oddH !== null && h.length > 0) h[seed % h.length] = oddH
  if (nothing !== null) h.fill(nothing, 0, other)
  const by = Math.fround(-1 / epsilon)
  const hs = chunks(h, groups, other)
  const x = chunks(cost, groups, rows * columns).flatMap((c, g) =>
    Array.from({ length: own }, (_, i) =>
      hs[g]!.map((v, j) => Math.fround(v + by * c[down ? j * columns + i : i * columns + j]!)),
    ),
  )
  return { rows, columns, own, cost, h, by, x }
}

describe("half-steps of transport on wasm", () => {
  it(
    "are sums in logs in float64, down columns in strips and along rows",
    many,
    property(cases, async (given) => {
      const { groups, epsilon, logMass, seed, down } = given
      const { rows, columns, own, cost, h, x } = prepared(given)
      const [strip, apart] = [1 + (seed % 40), rows + (seed % 3)]
      const room = down ? strip * apart + rows : columns
      const arrays = { cost, h, y: groups * own, room }
      const numbers = [-1 / epsilon, logMass] as const
      const { y } = down
        ? raw("transportColumns", arrays, ["y", "room"], ({ cost, h, y, room }) => {
            const sizes = [groups, rows, columns, columns * 4] as const
            return [cost!, h!, y!, room!, strip, apart * 4, ...sizes, ...numbers]
          })
        : raw("transportRows", arrays, ["y", "room"], ({ cost, h, y, room }) => {
            return [cost!, h!, y!, room!, groups, rows, columns, ...numbers]
          })
      const wanted = x.map((row) => -(lse(row) + logMass))
      const allowed = wanted.map((v) => 16 * ulp * (1 + Math.abs(v) + 20 / epsilon))
      expect(far(y!, wanted, allowed)).toEqual([])
    }),
  )

  it(
    "have the gradient by the cost of float64",
    many,
    property(cases, async (given) => {
      const { groups, epsilon, logMass, seed, down } = given
      const { rows, columns, own, cost, h, by, x } = prepared(given)
      const y = Float32Array.from(x, (row) => -(lse(row) + logMass))
      const dy = draws(seed + 2, groups * own)
      const { out } = raw("transportGrad", { cost, h, y, dy, out: cost.length }, ["out"], ({ cost, h, y, dy, out }) => {
        return [down, cost!, h!, y!, dy!, out!, groups, rows, columns, -1 / epsilon, logMass]
      })
      const largest = Math.fround(3.4e38)
      const found: Array<number> = []
      const wanted: Array<number> = []
      const allowed: Array<number> = []
      for (const [at, row] of x.entries()) {
        const [g, i] = [Math.floor(at / own), at % own]
        const level = Math.min(Math.max(y[at]! + logMass, -largest), largest)
        for (const [j, v] of row.entries()) {
          const place = g * rows * columns + (down ? j * columns + i : i * columns + j)
          const value = -by * dy[at]! * Math.exp(v + level)
          found.push(out![place]!)
          wanted.push(value)
          const sizes = 20 / epsilon + Math.min(Math.abs(v) + Math.abs(level), 1e6)
          allowed.push(1.3e-38 + 4 * ulp * Math.abs(value) * (8 + sizes))
        }
      }
      expect(far(found, wanted, allowed)).toEqual([])
    }),
  )
})
