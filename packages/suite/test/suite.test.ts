import { source } from "@relent/random"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import {
  bootstrapInterval,
  hasChanged,
  judge,
  judgeTrajectory,
  junit,
  manyTests,
  markdown,
  type Outcome,
  readSuite,
  tInterval,
} from "../src/index.ts"

const noisy = (seed: number, mean: number, n: number, sd = 1) => {
  const draws = source({ seed, stream: "noise" })("x")
  return Array.from({ length: n }, () => mean + sd * draws.normal())
}

describe("an interval", () => {
  it("by t is the textbook's", () => {
    // Mean 3, s = sqrt(2.5), t(0.975, 4) = 2.776445.
    const { mean, low, high } = tInterval([1, 2, 3, 4, 5])
    expect(mean).toBe(3)
    expect(high - mean).toBeCloseTo((2.776445 * Math.sqrt(2.5)) / Math.sqrt(5), 5)
    expect(mean - low).toBeCloseTo(high - mean, 12)
  })
  it("covers the truth about as often as it says", () => {
    const trials = 100
    for (const interval of [
      (v: ReadonlyArray<number>) => tInterval(v.slice(0, 8)),
      (v: ReadonlyArray<number>, i: number) => bootstrapInterval(v, source({ seed: i, stream: "b" })("bootstrap")),
    ]) {
      const covered = Array.from({ length: trials }, (_, i) => interval(noisy(i, 1, 30), i)).filter(
        ({ low, high }) => low < 1 && high > 1,
      )
      // 95 %, less what a bootstrap of 30 misses; four standard errors of the count.
      expect(covered.length / trials).toBeGreaterThan(0.93 - 4 * Math.sqrt((0.95 * 0.05) / trials))
      expect(covered.length / trials).toBeLessThan(0.96 + 4 * Math.sqrt((0.95 * 0.05) / trials))
    }
  }, 30_000)
})

describe("a verdict", () => {
  const base = noisy(1, 0, 12)
  const better = base.map((v, i) => v + 1 + 0.1 * (i % 3))
  it("on a difference is paired: the spread of the seeds doesn't count", () => {
    const greater = judge("c", { greater: ["a", "b"] }, { a: better, b: base })
    expect(greater).toMatchObject({ verdict: "reproduced", wins: 12, seeds: 12 })
    expect(greater.interval.mean).toBeCloseTo(1.1, 12)
    expect(greater.judged.map((d) => Number(d.toFixed(9))).slice(0, 3)).toEqual([1, 1.1, 1.2])
    expect(greater.wanted).toEqual({ above: 0 })
    expect(judge("c", { greater: ["b", "a"] }, { a: better, b: base }).verdict).toBe("not reproduced")
    expect(judge("c", { less: ["b", "a"] }, { a: better, b: base }).verdict).toBe("reproduced")
    expect(judge("c", { greater: ["a", "b"], margin: 2 }, { a: better, b: base }).verdict).toBe("not reproduced")
  })
  it("on a share compares with a multiple of the second", () => {
    const of = { tenth: [2, 2.1, 1.9], all: [20, 22, 24] }
    const below = judge("c", { less: ["tenth", "all"], times: 0.1 }, of)
    expect(below.judged.map((d) => Number(d.toFixed(9)))).toEqual([0, 0.1, 0.5])
    expect(below.verdict).toBe("undecided")
    expect(judge("c", { less: ["tenth", "all"], times: 0.2 }, of)).toMatchObject({ verdict: "reproduced", wins: 3 })
    const above = judge("c", { greater: ["tenth", "all"], times: 0.05 }, of)
    expect(above.judged.map((d) => Number(d.toFixed(9)))).toEqual([1, 1, 0.7])
    expect(above).toMatchObject({ verdict: "reproduced", wins: 3, wanted: { above: 0 } })
  })
  it("is undecided where the interval holds the margin, or there is one seed", () => {
    const other = noisy(2, 0, 12)
    expect(judge("c", { greater: ["a", "b"] }, { a: other, b: base }).verdict).toBe("undecided")
    expect(judge("c", { greater: ["a", "b"] }, { a: [5], b: [1] }).verdict).toBe("undecided")
  })
  it("on equivalence needs the whole interval within the margin", () => {
    const near = base.map((v, i) => v + 0.01 * (i % 2))
    expect(judge("c", { equivalent: ["a", "b"], margin: 0.1 }, { a: near, b: base }).verdict).toBe("reproduced")
    expect(judge("c", { equivalent: ["a", "b"], margin: 0.1 }, { a: better, b: base }).verdict).toBe("not reproduced")
    expect(judge("c", { equivalent: ["a", "b"], margin: 0.1 }, { a: noisy(3, 0, 12), b: base }).verdict).toBe(
      "undecided",
    )
  })
  it("on what is no worse lets the first be behind by less than the margin", () => {
    const behind = base.map((v, i) => v - 0.05 - 0.001 * (i % 3))
    expect(judge("c", { noWorse: ["a", "b"], margin: 0.1 }, { a: behind, b: base }).verdict).toBe("reproduced")
    expect(judge("c", { noWorse: ["a", "b"], margin: 0.01 }, { a: behind, b: base }).verdict).toBe("not reproduced")
    expect(judge("c", { noWorse: ["a", "b"], margin: 0.01 }, { a: noisy(3, 0, 12), b: base }).verdict).toBe("undecided")
  })
  it("on what is equal is spoilt by the last bit of one seed", () => {
    expect(judge("c", { equal: ["a", "b"] }, { a: base, b: base })).toMatchObject({ verdict: "reproduced", wins: 12 })
    const near = base.with(3, base[3]! + 2 ** -52 * Math.abs(base[3]!))
    expect(judge("c", { equal: ["a", "b"] }, { a: near, b: base })).toMatchObject({
      verdict: "not reproduced",
      wins: 11,
      interval: { low: 0, high: near[3]! - base[3]! },
    })
  })
  it("on an order needs every step, and shows the smallest", () => {
    const values = { a: base, b: better, c: better.map((v, i) => v + 0.1 + 0.01 * (i % 2)) }
    const rising = judge("c", { ascending: ["a", "b", "c"] }, values)
    expect(rising).toMatchObject({ verdict: "reproduced", seeds: 12, wins: 12 })
    expect(rising.interval.mean).toBeCloseTo(0.105, 12)
    expect(judge("c", { ascending: ["a", "b", "c"], margin: 0.5 }, values).verdict).toBe("not reproduced")
    expect(judge("c", { ascending: ["b", "a", "c"] }, values)).toMatchObject({ verdict: "not reproduced", wins: 0 })
    const unsure = { ...values, c: better.map((v, i) => v + (i % 2 === 0 ? 1 : -0.9)) }
    expect(judge("c", { ascending: ["a", "b", "c"] }, unsure)).toMatchObject({ verdict: "undecided", wins: 6 })
  })
  it("on every seed is spoilt by one", () => {
    expect(judge("c", { every: "a", below: 2, above: 0 }, { a: [1, 1.5] }).verdict).toBe("reproduced")
    expect(judge("c", { every: "a", below: 2 }, { a: [1, 1.5] })).toMatchObject({
      judged: [1, 1.5],
      wanted: { below: 2 },
    })
    expect(judge("c", { every: "a", below: 2 }, { a: [1, 2] }).verdict).toBe("not reproduced")
    expect(judge("c", { every: "a", below: 2 }, { a: [1, Number.NaN] }).verdict).toBe("not reproduced")
  })
})

describe("two arms", () => {
  const test = { trajectory: ["a", "b"], within: 1e-3 } as const
  const curve = Array.from({ length: 20 }, (_, t) => Math.exp(-t / 5))
  const rounded = (seed: number, bias = 0) => {
    const draws = source({ seed, stream: "rounding" })("r")
    return curve.map((v) => v + bias + 1e-4 * draws.normal())
  }
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8]
  const b = seeds.map(() => curve)
  it("that differ by rounding alone are one trajectory", () => {
    expect(judgeTrajectory("c", test, { a: b, b })).toMatchObject({
      verdict: "reproduced",
      interval: { mean: 0, low: 0, high: 0 },
      wins: 8,
    })
    expect(judgeTrajectory("c", test, { a: seeds.map((s) => rounded(s)), b })).toMatchObject({
      verdict: "reproduced",
      wins: 8,
    })
  })
  it("that drift are not, although each row is near", () => {
    const drifted = judgeTrajectory("c", test, { a: seeds.map((s) => rounded(s, 3e-4)), b })
    expect(drifted).toMatchObject({ verdict: "not reproduced", wins: 8 })
    expect(drifted.interval.mean).toBeCloseTo(3e-4, 4)
  })
  it("one row of which is far, or missing, are not", () => {
    const far = b.with(2, curve.with(5, curve[5]! + 0.002))
    expect(judgeTrajectory("c", test, { a: far, b })).toMatchObject({ verdict: "not reproduced", wins: 7 })
    expect(judgeTrajectory("c", test, { a: b.with(0, curve.slice(1)), b }).verdict).toBe("not reproduced")
  })
  it("in one seed alone aren't known to, unless they are the same", () => {
    expect(judgeTrajectory("c", test, { a: [rounded(1)], b: [curve] }).verdict).toBe("undecided")
    expect(judgeTrajectory("c", test, { a: [curve], b: [curve] }).verdict).toBe("reproduced")
  })
})

describe("a suite", () => {
  const text = `suite: s
source: key
pipeline: p.yaml
seeds: [1, 2]
arms: { a: { table: x.metrics }, b: { table: x.metrics, where: { loss: kd } } }
claims:
  c: { statement: A beats B., metric: accuracy, test: { greater: [a, b] }, recorded: { full: reproduced } }
`
  const problems = (t: string) =>
    Effect.runPromise(
      readSuite(t, "s.yaml").pipe(
        Effect.flip,
        Effect.map((e) => e.message),
      ),
    )
  it("is read with its places", async () => {
    expect((await Effect.runPromise(readSuite(text, "s.yaml"))).claims["c"]!.recorded).toEqual({ full: "reproduced" })
    expect(await problems(text.replace("[a, b]", "[a, bb]"))).toBe("s.yaml:7:55 claims.c.test: 'bb': did you mean 'b'?")
    expect(await problems(text.replace("seeds: [1, 2]", "seeds: []"))).toMatch(/^s\.yaml:4:8 seeds/)
    expect(await problems(text.replace("full: reproduced", "full: proven"))).toMatch(
      /^s\.yaml:7:\d+ claims\.c\.recorded\.full/,
    )
  })
  const outcome: Outcome = {
    suite: "s<1>",
    claim: "c",
    statement: "A | B\n*wins* <b>",
    source: "key_1",
    metric: "m",
    test: { greater: ["a", "b"] },
    values: { a: [0], b: [1] },
    verdict: "not reproduced",
    recorded: "not reproduced",
    interval: { mean: -1, low: -2, high: 0 },
    seeds: 5,
    wins: 0,
    judged: [-1],
    wanted: { above: 0 },
  }
  it("is told in Markdown, with what data says kept as text", () => {
    const text = markdown([
      outcome,
      { ...outcome, claim: "d", recorded: "undecided", interval: { mean: 1, low: -Infinity, high: Infinity } },
      { ...outcome, suite: "t", recorded: undefined, verdict: "reproduced" },
    ])
    expect(text).toBe(`# Verdicts

3 claims: 2 not reproduced, 1 reproduced; 2 not as recorded.

## s&lt;1>

Source: key\\_1.

| claim | verdict | record | difference [95 %] | seeds | metric |
|---|---|---|---|---|---|
| **c**: A \\| B \\*wins\\* &lt;b> | not reproduced | as recorded | -1 [-2, 0] | 0/5 | m |
| **d**: A \\| B \\*wins\\* &lt;b> | not reproduced | was undecided | 1 [−∞, ∞] | 0/5 | m |

## t

Source: key\\_1.

| claim | verdict | record | difference [95 %] | seeds | metric |
|---|---|---|---|---|---|
| **c**: A \\| B \\*wins\\* &lt;b> | reproduced | new | -1 [-2, 0] | 0/5 | m |
`)
  })
  it("fails a check by a verdict that changed, whatever it is", () => {
    expect(hasChanged(outcome)).toBe(false)
    expect(hasChanged({ ...outcome, verdict: "reproduced" })).toBe(true)
    expect(manyTests(Array.from({ length: 19 }, () => outcome))).toBeUndefined()
    const every = { ...outcome, test: { every: "a" } }
    expect(manyTests(Array.from({ length: 60 }, (_, i) => (i < 20 ? every : outcome)))).toMatch(
      /^40 verdicts .* by chance about 2 of them/,
    )
    expect(junit([outcome, { ...outcome, recorded: undefined }])).toMatch(/tests="2" failures="1"[\s\S]*s&lt;1&gt;/)
  })
})
