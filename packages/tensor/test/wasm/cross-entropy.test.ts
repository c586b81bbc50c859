import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { draws, many, property, size } from "./property.ts"
import { far, raw } from "./raw.ts"
import { chunks, type Row, total, ulp } from "./rows.ts"

/** log softmax, a logit of -Infinity counting as -1e30. */
const logSoft = (x: Row): Row => {
  const z = x.map((v) => Math.max(v, Math.fround(-1e30)))
  const top = Math.max(...z)
  const size = Math.log(total(z.map((v) => Math.exp(v - top))))
  return z.map((v) => v - top - size)
}

const strange = [NaN, Infinity, -Infinity, -Infinity, -3.4e38, 1e4, -1e4].map(Math.fround)
const cases = fc.record({
  rows: fc.integer({ min: 0, max: 4 }),
  length: fc.oneof({ arbitrary: size(), weight: 8 }, fc.integer({ min: 500, max: 1200 })),
  seed: fc.nat(),
  odd: fc.option(fc.constantFrom(...strange), { freq: 2 }),
  all: fc.option(fc.constantFrom(-Infinity, 3), { freq: 6 }),
})
type Given = typeof cases extends fc.Arbitrary<infer A> ? A : never
const logitsOf = ({ rows, length, seed, odd, all }: Given): Float32Array => {
  const x = draws(seed, rows * length, -8, 8)
  if (odd !== null && x.length > 0) x[seed % x.length] = odd
  if (all !== null) x.fill(all, 0, length)
  return x
}
/** A difference of numbers of this size is rounded, and e^difference by as much in parts. */
const allowed = (probabilities: Row) => probabilities.map((q) => 1.3e-38 + q * ulp * 32)

describe("cross-entropies on wasm", () => {
  it(
    "with a target that needn't sum to 1 are those in float64",
    many,
    property(cases, async (given) => {
      const { rows, length, seed } = given
      const x = logitsOf(given)
      const p = draws(seed + 1, x.length, 0, 1).map((v) => (v < 0.3 ? 0 : v))
      const impossible = (i: number) => !(x[i]! > -1e29)
      p.forEach((_, i) => impossible(i) && (p[i] = 0))
      const { loss, q } = raw("crossEntropy", { x, p, loss: rows, q: x.length }, ["loss", "q"], (at) => [
        at["x"]!,
        at["p"]!,
        at["loss"]!,
        at["q"]!,
        rows,
        length,
      ])
      const logs = chunks(x, rows, length).map(logSoft)
      const targets = chunks(p, rows, length)
      const wanted = logs.map((row, r) => -total(row.map((v, i) => v * targets[r]![i]!)))
      const probabilities = logs.flatMap((row) => row.map(Math.exp))
      expect(
        far(
          loss!,
          wanted,
          wanted.map((v) => 32 * ulp * (1 + Math.abs(v))),
        ),
      ).toEqual([])
      expect(far(q!, probabilities, allowed(probabilities))).toEqual([])
    }),
  )

  it(
    "with labels are those in float64, 0 for a label that is none",
    many,
    property(cases, async (given) => {
      const { rows, length, seed } = given
      const x = logitsOf({ ...given, odd: given.odd === -Infinity ? null : given.odd })
      const labels = Int32Array.from({ length: rows }, (_, r) => ((seed + r * 7) % (length + 2)) - 1)
      const { loss, q } = raw("sparseCrossEntropy", { x, labels, loss: rows, q: x.length }, ["loss", "q"], (at) => [
        at["x"]!,
        at["labels"]!,
        at["loss"]!,
        at["q"]!,
        rows,
        length,
      ])
      const logs = chunks(x, rows, length).map(logSoft)
      const wanted = logs.map((row, r) => (row[labels[r]!] === undefined ? 0 : -row[labels[r]!]!))
      const probabilities = logs.flatMap((row) => row.map(Math.exp))
      expect(
        far(
          loss!,
          wanted,
          wanted.map((v) => 16 * ulp * (1 + Math.abs(v))),
        ),
      ).toEqual([])
      expect(far(q!, probabilities, allowed(probabilities))).toEqual([])
    }),
  )

  it(
    "their gradients are dy (q sum p - p), and nothing is written for a label that is none",
    many,
    property(cases, async ({ rows, length, seed }) => {
      const q = draws(seed, rows * length, 0, 1)
      const p = draws(seed + 1, rows * length, 0, 1)
      const dy = draws(seed + 2, rows)
      const labels = Int32Array.from({ length: rows }, (_, r) => ((seed + r * 7) % (length + 2)) - 1)
      const soft = raw("crossEntropyGrad", { dy, p, q, dx: q.length }, ["dx"], (at) => [
        at["dy"]!,
        at["p"]!,
        at["q"]!,
        at["dx"]!,
        rows,
        length,
      ])["dx"]!
      const hard = raw("sparseCrossEntropyGrad", { dy, labels, q, dx: q.length }, ["dx"], (at) => [
        at["dy"]!,
        at["labels"]!,
        at["q"]!,
        at["dx"]!,
        rows,
        length,
      ])["dx"]!
      const masses = chunks(p, rows, length).map(total)
      const by = (i: number) => Math.floor(i / length)
      const softly = [...q].map((v, i) => dy[by(i)]! * (v * masses[by(i)]! - p[i]!))
      const hardly = [...q].map((v, i) => dy[by(i)]! * (v - (i % length === labels[by(i)] ? 1 : 0)))
      expect(far(soft, softly, 8 * ulp * (1 + length))).toEqual([])
      expect(far(hard, hardly, 4 * ulp)).toEqual([])
    }),
  )
})
