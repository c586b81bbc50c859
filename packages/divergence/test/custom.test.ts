/** A user's generator becomes a full member, or is refused with the reason. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { describe as row, Divergence, type Generator } from "../src/index.ts"
import { holdsAlways, laws } from "./laws.ts"

const judge = (f: Generator) =>
  Effect.runPromise(Effect.result(Divergence.judge(Divergence.define(import.meta.url, "mine/one", 1, { f }))))
const member = async (f: Generator) => {
  const result = await judge(f)
  if (result._tag === "Failure") throw result.failure
  return result.success
}
const reason = async (f: Generator) => {
  const result = await judge(f)
  return result._tag === "Failure" ? result.failure : undefined
}

/** Vincze–Le Cam: (u - 1)^2 / (u + 1). */
const leCam: Generator = (u, { add, sub, div, pow }) => div(pow(sub(u, 1), 2), add(u, 1))

describe("a user's generator", () => {
  it("is a full member", async () => {
    const d = await member(leCam)
    expect(d.between([0.9, 0.1], [0.5, 0.5])).toBeCloseTo(0.16 / 1.4 + 0.16 / 0.6, 12)
    expect(d.laws).toMatchObject({ symmetric: true, dataProcessing: true, jointlyConvex: true })
    expect(d.laws.bounded).toBeCloseTo(2, 12)
    expect([d.atZero, d.slopeAtInfinity, d.curvature]).toEqual([1, 1, 1])
    expect(d.scoreWeight(Math.log(3))).toBeCloseTo((8 * 9) / 64, 12)
    expect(d.spelling).toBe("mine/one")
    expect(d.origin).toMatchObject({ kind: "divergence", name: "mine/one", module: import.meta.url })
    for (const law of ["symmetric", "dataProcessing", "jointlyConvex", "bounded"] as const)
      expect(holdsAlways(d, laws[law])).toBe(true)
    expect(row(d).generator?.properties).toContain("smooth")
  })
  it("may grow as fast as it likes: infinite parts of both signs have a limit", async () => {
    for (const power of [4, 6]) {
      const d = await member((u, { sub, pow }) => pow(sub(u, 1), power))
      expect([d.atZero, d.slopeAtInfinity]).toEqual([1, Infinity])
    }
  })
  it("has its slope at 1 taken off, and says so", async () => {
    const d = await member((u, { mul, log }) => mul(u, log(u)))
    expect(d.note).toBe("f'(1) was 1: -1 (u - 1) is added, which changes no value")
    expect(d.between([0.9, 0.1], [0.5, 0.5])).toBeCloseTo(0.368064207168, 11)
    expect(d.formula).toBe("u log u - u + 1")
  })
  it.each<[string, Generator, RegExp]>([
    ["not 0 at 1", (u, { mul }) => mul(u, u), /f\(1\) is 1, not 0; subtract 1/],
    ["concave", (u, { log }) => log(u), /not convex: its slope falls from/],
    ["convex only near 1", (u, { sub, pow, add, div }) => div(pow(sub(u, 1), 2), add(1, pow(u, 4))), /not convex/],
    [
      "with a narrow bump",
      (u, { add, sub, mul, pow, exp, log }) =>
        add(pow(sub(u, 1), 2), mul(0.01, exp(mul(-5000, pow(sub(log(u), 0.13), 2))))),
      /not convex: its slope falls/,
    ],
    [
      "with a narrow dent of two kinks",
      (u, { add, sub, mul, pow, abs }) =>
        add(pow(sub(u, 1), 2), mul(0.1, add(sub(abs(sub(u, 1.2)), abs(sub(u, 1.1))), -0.1))),
      /not convex: its slope falls/,
    ],
    [
      "concave at last",
      (u, { sub, mul, pow }) => sub(pow(sub(u, 1), 2), mul(1e-40, pow(sub(u, 1), 4))),
      /not convex for large u/,
    ],
    [
      "concave at first",
      (u, { sub, mul, pow }) => sub(pow(sub(u, 1), 2), mul(1e-40, sub(pow(u, -1), 1))),
      /not convex near 0/,
    ],
    ["written in JavaScript's arithmetic", (u) => ((u as number) * 2) as never, /built with the arithmetic/],
    ["straight", (u, { sub }) => sub(u, 1), /straight line/],
    ["straight around 1", (u, { abs, sub, add }) => sub(add(abs(sub(u, 9)), u), 9), /straight line around u = 1/],
    ["NaN", (u, { log, sub }) => log(sub(u, 1)), /f\(.*\) is NaN/],
    ["throwing", () => JSON.parse("{") as never, /f can't be read: /],
  ])("is refused: %s", async (_, f, message) => {
    const error = await reason(f)
    expect(error).toMatchObject({ _tag: "NotADivergence", name: "mine/one" })
    expect(error!.message).toMatch(message)
  })
})
