/** The figures of TINY5, the directions, the ends of log space, and what is refused. */
import { build, tensorValue } from "@relent/arrow"
import { Divergence, estimators, NotADistribution } from "@relent/divergence"
import { source } from "@relent/random"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { makeTarget, Policy, policyOf, Tabular, Target } from "../src/index.ts"

const prior = Tabular.fromProbabilities([[0.4, 0.3, 0.15, 0.1, 0.05]])
const uniform = Tabular.make(1, 5, new Float64Array(5))
const reward = Float64Array.of(0, 0.5, 1, 1.5, 2)
// log pi0 + r / beta, beta = 1/2
const target = makeTarget(
  1,
  5,
  Tabular.logProbabilities(prior).map((l, i) => l + reward[i]! / 0.5),
)
const posterior = policyOf(target)
const only = ([x, ...rest]: ArrayLike<number> & Iterable<number>) => {
  expect(rest).toEqual([])
  return x!
}

describe("TINY5", () => {
  it("has the posterior of the card", () => {
    expect(Math.exp(only(target.logZ))).toBeCloseTo(7.062304157, 9)
    expect(only(target.logZ)).toBeCloseTo(1.954771366, 9)
    const expected = [0.056638739, 0.115470041, 0.156940057, 0.28440487, 0.386546294]
    Tabular.logProbabilities(posterior).forEach((l, i) => expect(Math.exp(l)).toBeCloseTo(expected[i]!, 9))
    expect(only(Tabular.expect(posterior, reward))).toBeCloseTo(1.41437497, 9)
    expect(only(Tabular.entropy(posterior))).toBeCloseTo(1.427531506, 9)
  })
  it("has its divergences, each in its direction", () => {
    expect(only(Tabular.kl(posterior, prior))).toBeCloseTo(0.873978574, 9)
    expect(only(Tabular.kl(uniform, posterior))).toBeCloseTo(0.208473631, 9)
    expect(only(Tabular.kl(uniform, prior))).toBeCloseTo(0.253702265, 9)
    const { reverseKl } = Divergence
    expect(only(Tabular.between(reverseKl, prior, uniform))).toBeCloseTo(0.253702265, 9) // KL(model || target)
  })
  it("has the estimators' means and variances", () => {
    const l = Tabular.logProbabilities(uniform).map((u, i) => u - Tabular.logProbabilities(prior)[i]!)
    const moments = (k: (logT: number) => number) => {
      const mean = only(Tabular.expect(uniform, l.map(k)))
      return [
        mean,
        only(
          Tabular.expect(
            uniform,
            l.map((x) => (k(x) - mean) ** 2),
          ),
        ),
      ] as const
    }
    const [k1, k2, k3] = [estimators.k1, estimators.k2, estimators.k3].map(({ penalty }) => moments(penalty))
    expect(k1).toEqual([expect.closeTo(0.253702265, 9), expect.closeTo(0.561611363, 9)])
    expect(k2![0]).toBeCloseTo(0.312988101, 9)
    expect(k3).toEqual([expect.closeTo(0.253702265, 9), expect.closeTo(0.044973518, 9)])
  })
})

it("keeps contexts apart", () => {
  const two = Tabular.fromProbabilities([
    [0.5, 0.5],
    [0.25, 0.75],
  ])
  expect([...Tabular.expect(two, Float64Array.of(0, 1, 10, 20))]).toEqual([0.5, 17.5])
  expect(Tabular.entropy(two)[0]).toBeCloseTo(Math.LN2, 15)
  expect([...Tabular.kl(two, two)]).toEqual([0, 0])
})

describe("the ends of log space", () => {
  const sure = Tabular.fromProbabilities([[1, 0]])
  const half = Tabular.fromProbabilities([[0.5, 0.5]])
  const far = Tabular.make(1, 2, Float64Array.of(0, -2000))
  it("0 counts nothing, and infinity is reported", () => {
    expect(only(Tabular.expect(sure, Float64Array.of(3, -Infinity)))).toBe(3)
    expect(only(Tabular.entropy(sure))).toBe(0)
    expect(only(Tabular.kl(sure, half))).toBeCloseTo(Math.LN2, 15)
    expect(only(Tabular.kl(half, sure))).toBe(Infinity)
  })
  it("what underflows as a probability is still told from 0", () => {
    expect(only(Tabular.kl(half, far))).toBeCloseTo(1000 - Math.LN2, 9)
    expect(only(Tabular.entropy(far))).toBe(0)
  })
  it("a constant on all logits changes nothing", () => {
    const shifted = Tabular.make(
      1,
      5,
      prior.logits.map((z) => z + 1e6),
    )
    expect(only(Tabular.kl(shifted, prior))).toBeLessThan(1e-9)
  })
})

it("samples by counted draws, as often as it says", () => {
  const random = source({ seed: 7, stream: "sample" })
  const n = 20_000
  const drawn = Tabular.sample(prior, 0, n, random("answers"))
  expect(Tabular.sample(prior, 0, n, random("answers"))).toEqual(drawn)
  Tabular.logProbabilities(prior).forEach((l, a) => {
    const p = Math.exp(l)
    const share = drawn.filter((x) => x === a).length / n
    expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / n))
  })
  const never = Tabular.fromProbabilities([[0.5, 0, 0.5]])
  expect(Tabular.sample(never, 0, 1000, random("never")).includes(1)).toBe(false)
})

describe("as tables", () => {
  it("come back as they were", async () => {
    const hard = Tabular.fromProbabilities([[1, 0]])
    for (const policy of [prior, hard])
      expect(await Effect.runPromise(Policy.decode(Policy.encode(policy)))).toEqual(policy)
    expect(await Effect.runPromise(Target.decode(Target.encode(target)))).toEqual(target)
  })
  const failure = (logits: Parameters<typeof tensorValue>) => {
    const { dtype, shape, values } = tensorValue(...logits)
    const bytes = new Uint8Array(values.buffer)
    const table = build(
      "sequence/policy@1",
      { ...Policy.columns },
      { path: ["logits"], dtype: [dtype], shape: [shape], values: [bytes] },
      { "relent:kind": "tabular", "relent:header": "{}" },
    )
    return Effect.runPromise(Effect.flip(Policy.decode(table))).then((error) => error.message)
  }
  it("are refused when they hold no policy", async () => {
    expect(await failure(["float32", Float32Array.of(0, 1), [1, 2]])).toContain("a matrix of float64 is wanted")
    expect(await failure(["float64", Float64Array.of(0, 1), [2]])).toContain("a matrix of float64 is wanted")
    expect(await failure(["float64", Float64Array.of(0, Number.NaN), [1, 2]])).toContain(
      "NaN for answer 1 of context 0",
    )
    expect(await failure(["float64", Float64Array.of(0, Infinity), [2, 1]])).toContain(
      "Infinity for answer 0 of context 1",
    )
    const all = Float64Array.of(-Infinity, -Infinity)
    expect(await failure(["float64", all, [1, 2]])).toContain("every answer of context 0 has the weight 0")
    expect(await failure(["float64", new Float64Array(0), [0, 2]])).toContain("0 numbers make no table of 0 contexts")
  })
})

it.each([
  [[[0.5, 0.4]], "context 0 is not a distribution: its entries sum to 0.9"],
  [[[0.5, 0.5], [1]], "context 1 is not a distribution: it has 1 answers, context 0 has 2"],
  [[[1.5, -0.5]], "entry 0 is 1.5"],
  [[], "no table of 0 contexts"],
])("refuses the probabilities %j", (rows, message) => {
  expect(() => Tabular.fromProbabilities(rows)).toThrow(message)
  expect(() => Tabular.fromProbabilities(rows)).toThrow(NotADistribution)
})
it("refuses policies of two shapes", () => {
  expect(() => Tabular.kl(prior, Tabular.fromProbabilities([[1]]))).toThrow(
    "it has 1 contexts by 1 answers, the target 1 by 5",
  )
  expect(() => makeTarget(1, 2, Float64Array.of(-Infinity, -Infinity))).toThrow(
    "target is not a distribution: every answer",
  )
})
