import { describe, expect, it } from "vitest"
import { DrawInvalid, philox, source } from "../src/index.ts"

const block = (counter: ReadonlyArray<number>, k0: number, k1: number) => {
  const out = new Uint32Array(4)
  philox(Uint32Array.from(counter), k0, k1, out)
  return [...out].map((w) => w.toString(16).padStart(8, "0")).join(" ")
}
const random = source({ seed: 1, stream: "test" })
const mean = (xs: ArrayLike<number>) => Array.from(xs).reduce((a, b) => a + b, 0) / xs.length

describe("philox 4x32-10", () => {
  it("gives Random123's known answers", () => {
    expect(block([0, 0, 0, 0], 0, 0)).toBe("6627e8d5 e169c58d bc57ac4c 9b00dbd8")
    const ones = 0xffffffff
    expect(block([ones, ones, ones, ones], ones, ones)).toBe("408f276d 41c83b0e a20bc7c6 6d5451fd")
    const pi = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344]
    expect(block(pi, 0xa4093822, 0x299f31d0)).toBe("d16cfe09 94fdcceb 5001e420 24126ea1")
  })
})

describe("draws", () => {
  it("are a function of seed, stream, purpose and counters", () => {
    const first = (seed: number, stream: string, purpose: string, ...counters: ReadonlyArray<number>) =>
      source({ seed, stream })(purpose, ...counters).uniform()
    const one = first(1, "a", "p", 0)
    expect(first(1, "a", "p", 0)).toBe(one)
    for (const other of [
      first(2, "a", "p", 0),
      first(1, "b", "p", 0),
      first(1, "a", "q", 0),
      first(1, "a", "p", 1),
      first(1, "a", "p"),
    ])
      expect(other).not.toBe(one)
  })

  it("are the same one by one and in bulk, over many blocks", () => {
    const one = random("bulk")
    const singles = Float32Array.from({ length: 3001 }, () => one.normal())
    expect(random("bulk").normals(3001)).toEqual(singles)
    const two = random("bulk")
    expect(random("bulk").uniforms(3001)).toEqual(Float64Array.from({ length: 3001 }, () => two.uniform()))
  })

  it("have the moments of their distributions", () => {
    const n = 200_000
    const u = random("moments").uniforms(n)
    expect(Math.abs(mean(u) - 0.5)).toBeLessThan(4 / Math.sqrt(12 * n))
    expect(u.every((v) => v >= 0 && v < 1)).toBe(true)
    const z = random("moments", 1).normals(n)
    const power = (k: number) => mean(z.map((v) => v ** k))
    expect(Math.abs(power(1))).toBeLessThan(4 / Math.sqrt(n))
    expect(Math.abs(power(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n))
    expect(Math.abs(power(3))).toBeLessThan(4 * Math.sqrt(15 / n))
    expect(Math.abs(power(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n))
  })

  // Chi-square with k - 1 degrees of freedom; the bound is its 0.9999 quantile.
  const chiSquare = (counts: ReadonlyArray<number>, p: ReadonlyArray<number>) => {
    const n = counts.reduce((a, b) => a + b, 0)
    return counts.reduce((sum, c, i) => sum + (c - n * p[i]!) ** 2 / (n * p[i]!), 0)
  }
  it("of a category follow its weights, and never give one of weight 0", () => {
    const weights = [1, 0, 3, 6, 0]
    const draws = random("categorical")
    const counts = [0, 0, 0, 0, 0]
    for (let i = 0; i < 20_000; i++) counts[draws.categorical(weights)]! += 1
    expect([counts[1], counts[4]]).toEqual([0, 0])
    expect(chiSquare([counts[0]!, counts[2]!, counts[3]!], [0.1, 0.3, 0.6])).toBeLessThan(18.4)
  })
  it("of an order are uniform on all orders, and of integers on all integers", () => {
    const counts = new Map<string, number>()
    const draws = random("permutation")
    for (let i = 0; i < 12_000; i++) {
      const key = draws.permutation(3).join("")
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    expect(
      chiSquare(
        [...counts.values()],
        Array.from({ length: 6 }, () => 1 / 6),
      ),
    ).toBeLessThan(25.7)
    // 3 * 2^30 leaves a quarter of the words over: a modulo would favour the first third.
    const below = 3 * 2 ** 30
    const low = Array.from({ length: 12_000 }, () => draws.integer(below)).filter((v) => v < 2 ** 30).length
    expect(chiSquare([low, 12_000 - low], [1 / 3, 2 / 3])).toBeLessThan(15.1)
  })

  it("refuse what no distribution has", () => {
    const draws = random("bad")
    for (const bad of [
      () => draws.integer(0),
      () => draws.integer(1.5),
      () => draws.categorical([0, 0]),
      () => draws.categorical([-1, 2]),
      () => draws.categorical([Number.NaN]),
    ])
      expect(bad).toThrow(DrawInvalid)
  })
})
