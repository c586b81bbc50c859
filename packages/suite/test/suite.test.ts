import { source } from "@relent/random"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import {
  bootstrapInterval,
  type Claim,
  hasChanged,
  judge,
  junit,
  type Outcome,
  readSuite,
  tInterval,
} from "../src/index.ts"

const claim = (test: Claim["test"]): Claim => ({ statement: "", metric: "m", test })
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
    const greater = judge("c", claim({ greater: ["a", "b"] }), { a: better, b: base })
    expect(greater).toMatchObject({ verdict: "reproduced", wins: 12, seeds: 12 })
    expect(greater.interval.mean).toBeCloseTo(1.1, 12)
    expect(judge("c", claim({ greater: ["b", "a"] }), { a: better, b: base }).verdict).toBe("not reproduced")
    expect(judge("c", claim({ less: ["b", "a"] }), { a: better, b: base }).verdict).toBe("reproduced")
    expect(judge("c", claim({ greater: ["a", "b"], margin: 2 }), { a: better, b: base }).verdict).toBe("not reproduced")
  })
  it("is undecided where the interval holds the margin, or there is one seed", () => {
    const other = noisy(2, 0, 12)
    expect(judge("c", claim({ greater: ["a", "b"] }), { a: other, b: base }).verdict).toBe("undecided")
    expect(judge("c", claim({ greater: ["a", "b"] }), { a: [5], b: [1] }).verdict).toBe("undecided")
  })
  it("on equivalence needs the whole interval within the margin", () => {
    const near = base.map((v, i) => v + 0.01 * (i % 2))
    expect(judge("c", claim({ equivalent: ["a", "b"], margin: 0.1 }), { a: near, b: base }).verdict).toBe("reproduced")
    expect(judge("c", claim({ equivalent: ["a", "b"], margin: 0.1 }), { a: better, b: base }).verdict).toBe(
      "not reproduced",
    )
    expect(judge("c", claim({ equivalent: ["a", "b"], margin: 0.1 }), { a: noisy(3, 0, 12), b: base }).verdict).toBe(
      "undecided",
    )
  })
  it("on every seed is spoilt by one", () => {
    expect(judge("c", claim({ every: "a", below: 2, above: 0 }), { a: [1, 1.5] }).verdict).toBe("reproduced")
    expect(judge("c", claim({ every: "a", below: 2 }), { a: [1, 2] }).verdict).toBe("not reproduced")
    expect(judge("c", claim({ every: "a", below: 2 }), { a: [1, Number.NaN] }).verdict).toBe("not reproduced")
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
  it("fails a check by a verdict that changed, whatever it is", () => {
    const outcome: Outcome = {
      suite: "s<1>",
      claim: "c",
      statement: "",
      source: "key",
      metric: "m",
      verdict: "not reproduced",
      recorded: "not reproduced",
      interval: { mean: -1, low: -2, high: 0 },
      seeds: 5,
      wins: 0,
    }
    expect(hasChanged(outcome)).toBe(false)
    expect(hasChanged({ ...outcome, verdict: "reproduced" })).toBe(true)
    expect(junit([outcome, { ...outcome, recorded: undefined }])).toMatch(/tests="2" failures="1"[\s\S]*s&lt;1&gt;/)
  })
})
