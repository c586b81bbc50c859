/** Markov policies and tilted chains against the enumeration of all sequences, and samples that no other sample changes. */
import { NotADistribution } from "@relent/divergence"
import { type Source, source } from "@relent/random"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import {
  Chain,
  Exact,
  type Feature,
  featuresOf,
  featureTilt,
  makeMarkovTarget,
  Markov,
  type MarkovPolicy,
  Policy,
  rowSums,
  type Samples,
  samplesOf,
  stepTilt,
  Target,
  tiltOf,
} from "../src/index.ts"

const [V, T] = [3, 4]
const random = source({ seed: 7, stream: "markov" })
const logits = (name: string, n: number) => Float64Array.from(random(name).normals(n))
const free = Markov.makeMarkov({ vocabulary: V, length: T, start: 1, tied: false, logits: logits("free", T * V * V) })
const tied = Markov.makeMarkov({ vocabulary: V, length: T, start: 1, tied: true, logits: logits("tied", V * V) })
const policies: ReadonlyArray<readonly [string, MarkovPolicy]> = [
  ["free", free],
  ["tied", tied],
]

/** Every sequence of the length. */
const all: Samples = samplesOf(
  Int32Array.from({ length: V ** T * T }, (_, i) => Math.floor(Math.floor(i / T) / V ** (i % T)) % V),
  T,
)
const logPi = (policy: MarkovPolicy) => rowSums(all, Markov.tokenLogProbabilities(policy, all))
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, x) => total + x, 0)
const mean = (logP: Float64Array, f: (row: number) => number) => sum(logP.map((l, i) => Math.exp(l) * f(i)))
const g = logits("reward", V * V)
const gain = tiltOf(stepTilt(V, g), 1, all)

describe.each(policies)("a %s policy", (_, policy) => {
  const other = policy === free ? tied : free
  it("is a distribution over sequences", () => expect(mean(logPi(policy), () => 1)).toBeCloseTo(1, 12))
  it("has the entropy, divergence and expectations of the enumeration", () => {
    const [p, q] = [logPi(policy), logPi(other)]
    expect(Markov.entropy(policy)).toBeCloseTo(-mean(p, (i) => p[i]!), 12)
    expect(Markov.kl(policy, other)).toBeCloseTo(
      mean(p, (i) => p[i]! - q[i]!),
      12,
    )
    expect(Markov.expect(policy, g)).toBeCloseTo(
      mean(p, (i) => gain[i]!),
      12,
    )
  })
  it("has the score of differences", () => {
    const weights = Float64Array.from(random("weights").normals(all.tokens.length))
    const found = Markov.score(policy, all, weights)
    const h = 1e-5
    const total = (z: Float64Array) =>
      sum(Markov.tokenLogProbabilities({ ...policy, logits: z }, all).map((l, i) => l * weights[i]!))
    for (let k = 0; k < policy.logits.length; k++) {
      const moved = (by: number) => total(policy.logits.map((z, i) => (i === k ? z + by : z)))
      expect(found[k]).toBeCloseTo((moved(h) - moved(-h)) / (2 * h), 6)
    }
  })
  it("has the gradient of E[g] - KL, step by step", () => {
    const J = (z: Float64Array) => {
      const moved = { ...policy, logits: z }
      return Markov.expect(moved, g) - Markov.kl(moved, other)
    }
    const [P, Q] = [Markov.logTransitions(policy), Markov.logTransitions(other)]
    const found = Markov.gradientOfSteps(
      policy,
      (t, v, w) => g[v * V + w]! - P[Markov.rowAt(policy, t, v) + w]! + Q[Markov.rowAt(other, t, v) + w]!,
    )
    const h = 1e-5
    for (let k = 0; k < policy.logits.length; k++) {
      const moved = (by: number) => J(policy.logits.map((z, i) => (i === k ? z + by : z)))
      expect(found[k]).toBeCloseTo((moved(h) - moved(-h)) / (2 * h), 7)
    }
  })
})

const features: ReadonlyArray<Feature> = [
  { how: "contains", tokens: [2] },
  { how: "count", tokens: [0, 1] },
  { how: "contains", tokens: [0, 1] },
]
const tilts = [
  ["rewards", stepTilt(V, g)],
  ["features", featureTilt(V, features, [0.7, -0.3, 0.2])],
  ["features that must be there", featureTilt(V, features, [Infinity, 0.4, Infinity])],
] as const

describe.each(tilts)("a target by %s", (_, tilt) => {
  const { chain } = makeMarkovTarget(free, tilt)
  const logW = logPi(free).map((l, i) => l + tiltOf(tilt, 1, all)[i]!)
  const Z = sum(logW.map(Math.exp))
  const logP = logW.map((w) => w - Math.log(Z))
  it("has the constant, entropy and expectations of the enumeration", () => {
    expect(chain.logZ).toBeCloseTo(Math.log(Z), 12)
    expect(Chain.entropyOf(chain)).toBeCloseTo(-mean(logP, (i) => Math.max(logP[i]!, -1e9)), 11)
    expect(Chain.expectTilted(chain, (v, w) => g[v * V + w]!)).toBeCloseTo(
      mean(logP, (i) => gain[i]!),
      11,
    )
  })
  it("has both divergences to a policy", () => {
    const q = logPi(tied)
    expect(Chain.klFrom(chain, tied)).toBeCloseTo(
      mean(logP, (i) => Math.max(logP[i]!, -1e9) - q[i]!),
      11,
    )
    const to = sum(q.map((l, i) => Math.exp(l) * (l - logP[i]!)))
    const isNear = (x: number, y: number) => x === y || Math.abs(x - y) < 1e-11
    expect(isNear(Chain.klTo(chain, tied), to)).toBe(true)
    expect(isNear(Chain.elboOf(chain, tied), chain.logZ - to)).toBe(true)
  })
  it("is sampled by itself", () => {
    const n = 4000
    const drawn = Chain.sampleTilted(chain, n, (i) => random("target", i))
    const found = sum(tiltOf(stepTilt(V, g), 1, drawn)) / n
    const expected = mean(logP, (i) => gain[i]!)
    const deviation = Math.sqrt(mean(logP, (i) => (gain[i]! - expected) ** 2))
    expect(Math.abs(found - expected)).toBeLessThan((4 * deviation) / Math.sqrt(n))
    expect(tiltOf(tilt, 1, drawn).every(Number.isFinite)).toBe(true)
  })
  it("goes through its table", async () => {
    const target = makeMarkovTarget(free, tilt)
    expect(await Effect.runPromise(Target.decode(Target.encode(target)))).toEqual(target)
  })
})

it("features are what they say", () => {
  const rows = samplesOf(Int32Array.of(0, 0, 2, 1, 2, 2, 2, 2), 4)
  expect([...featuresOf(features, rows)]).toEqual([1, 3, 1, 1, 0, 0])
  const moved = featureTilt(V, features, [0.5, 0.25, 2])
  expect([...tiltOf(moved, 1, rows)]).toEqual([0.5 + 0.75 + 2, 0.5])
})

describe("samples", () => {
  const draws =
    (name: string): ((i: number) => ReturnType<Source>) =>
    (i) =>
      random(name, i)
  it.each(policies)("of a %s policy don't depend on how many there are", (_, policy) => {
    const few = Exact.sample(policy, 0, 3, draws("one"))
    const many = Exact.sample(policy, 0, 50, draws("one"))
    expect(few.tokens).toEqual(many.tokens.subarray(0, 3 * T))
    const last = Exact.sample(policy, 0, 1, (i) => draws("one")(i + 49))
    expect(last.tokens).toEqual(many.tokens.subarray(49 * T))
    expect(Exact.sample(policy, 0, 50, draws("two")).tokens).not.toEqual(many.tokens)
  })
  it("have the policy's frequencies", () => {
    const n = 8000
    const { tokens } = Markov.sample(free, n, draws("frequency"))
    const expected = Markov.marginals(free).subarray(T * V)
    for (let v = 0; v < V; v++) {
      const share = tokens.filter((token, i) => i % T === T - 1 && token === v).length / n
      expect(Math.abs(share - expected[v]!)).toBeLessThan(4 * Math.sqrt((expected[v]! * (1 - expected[v]!)) / n))
    }
  })
})

it("a tied policy and its untied copy are one distribution", () => {
  const copy = Markov.untied(tied)
  expect(copy.logits.length).toBe(T * V * V)
  expect(Markov.kl(tied, copy)).toBeLessThan(1e-15)
})

it("goes through its table", async () => {
  for (const [, policy] of policies)
    expect(await Effect.runPromise(Policy.decode(Policy.encode(policy)))).toEqual(policy)
})

describe("refuses", () => {
  const given = { vocabulary: V, length: T, start: 1, tied: true, logits: new Float64Array(V * V) }
  it.each<[string, Partial<typeof given>, string]>([
    ["logits of another shape", { logits: new Float64Array(4) }, "4 numbers make no table"],
    ["a start that is no token", { start: 3 }, "its start is 3"],
    ["no tokens", { length: 0 }, "its length is 0"],
    ["NaN", { logits: new Float64Array(9).fill(Number.NaN) }, "it has NaN"],
  ])("%s", (_, changed, message) => {
    expect(() => Markov.makeMarkov({ ...given, ...changed })).toThrow(message)
  })
  it.each<[string, Samples, string]>([
    ["another length", samplesOf(Int32Array.of(0, 1), 2), "it has 2 tokens, the policy gives 4"],
    ["a token that isn't there", samplesOf(Int32Array.of(0, 1, 9, 0), 4), "there is no token 9"],
    ["another context", { ...samplesOf(Int32Array.of(0, 1, 2, 0), 4), contexts: Int32Array.of(2) }, "context 2"],
    ["an empty row", { ...samplesOf(Int32Array.of(0, 1, 2, 0), 4), lengths: Int32Array.of(0) }, "it has no tokens"],
  ])("%s", (_, samples, message) => {
    expect(() => Exact.checkSamples(tied, samples)).toThrow(message)
  })
  it("a target that nothing is in", () => {
    const never = featureTilt(V, [{ how: "contains", tokens: [] }], [Infinity])
    expect(() => makeMarkovTarget(tied, never)).toThrow(NotADistribution)
    expect(() => makeMarkovTarget(tied, stepTilt(2, new Float64Array(4)))).toThrow("its tilt is of 2 tokens, not 3")
    expect(() => featureTilt(V, [{ how: "count", tokens: [5] }], [1])).toThrow("there is no token 5")
  })
})
