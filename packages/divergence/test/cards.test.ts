/** Figures of the papers' reference cards; where a paper leaves out a constant, it is added here. */
import { describe, expect, it } from "vitest"
import { crossEntropy, Divergence, entropy, type FDivergence, logSoftmax, onLogits, softmax } from "../src/index.ts"

const {
  kl,
  reverseKl,
  jensenShannon,
  totalVariation,
  softenedReverseKl,
  squaredHellinger,
  jeffreys,
  neymanChi2,
  alpha,
} = Divergence

describe("BD-KD: the two KLs of logits", () => {
  const student = [
    [1, 0.5, -0.5, 0],
    [0.2, -0.3, 0.8, 0.1],
  ]
  const teacher = [
    [2, 1, 0, -1],
    [0.5, 1.5, -0.5, 0],
  ]
  it.each([
    [1, [0.1210182, 0.6121233], [0.17643156, 0.62596739]],
    [4, [0.01527749, 0.03937984], [0.01636475, 0.03888775]],
  ])("at temperature %d", (temperature, forward, reverse) => {
    for (const i of [0, 1]) {
      expect(onLogits(kl, teacher[i]!, student[i]!, temperature).value).toBeCloseTo(forward[i]!, 8)
      expect(onLogits(reverseKl, teacher[i]!, student[i]!, temperature).value).toBeCloseTo(reverse[i]!, 8)
    }
  })
  it("with their gradients", () => {
    const byModel = (d: FDivergence) => [...onLogits(d, teacher[0]!, student[0]!).gradient.model]
    const expected: ReadonlyArray<readonly [FDivergence, ReadonlyArray<number>]> = [
      [kl, [-0.18886003, 0.03912153, 0.01439201, 0.13534649]],
      [reverseKl, [-0.23825754, -0.00650833, -0.00239428, 0.24716015]],
    ]
    for (const [d, gradient] of expected) byModel(d).forEach((g, i) => expect(g).toBeCloseTo(gradient[i]!, 8))
  })
  it("and entropies", () => {
    expect(student.map((z) => entropy(softmax(z)))).toEqual([
      expect.closeTo(1.24505043, 8),
      expect.closeTo(1.30495002, 8),
    ])
    expect(teacher.map((z) => entropy(softmax(z)))).toEqual([
      expect.closeTo(0.94753696, 8),
      expect.closeTo(1.109767, 8),
    ])
    const [p, q] = [softmax(teacher[0]!), softmax(student[0]!)]
    expect(crossEntropy(p, q)).toBeCloseTo(entropy(p) + kl.between(p, q), 12)
    expect([...logSoftmax([1000, 0])]).toEqual([0, -1000])
  })
})

describe("f-distill: score weights at r = 1/4, 1, 4", () => {
  const r = [0.25, 1, 4]
  it.each<[string, FDivergence, number, ReadonlyArray<number>]>([
    ["rkl", reverseKl, 1, [1, 1, 1]],
    ["sf", softenedReverseKl, 1, [0.8, 0.5, 0.2]],
    ["js, twice ours", jensenShannon, 2, [0.2, 0.5, 0.8]],
    ["sh", squaredHellinger, 1, [0.125, 0.25, 0.5]],
    ["kl", kl, 1, [0.25, 1, 4]],
    ["jf", jeffreys, 1, [1.25, 2, 5]],
    ["neyman", neymanChi2, 1, [8, 2, 0.5]],
    ["alpha", alpha.make(1.5), 1, [0.125, 1, 8]],
  ])("%s", (_, d, times, weights) => {
    r.forEach((ratio, i) => expect(times * d.scoreWeight(Math.log(ratio))).toBeCloseTo(weights[i]!, 12))
  })
  it("times the model they are finite where the ratio is not", () => {
    expect([...kl.scoreWeights(Float64Array.of(0), Float64Array.of(-800))]).toEqual([1])
  })
  it("their variance at two normals one apart, by quadrature", () => {
    const h = 1e-3
    const grid = Array.from({ length: 40_001 }, (_, i) => -20 + i * h)
    const density = (x: number) => Math.exp(-((x - 1) ** 2) / 2) / Math.sqrt(2 * Math.PI)
    const variance = (d: FDivergence) => {
      const moment = (k: number) => grid.reduce((sum, x) => sum + h * density(x) * d.scoreWeight(0.5 - x) ** k, 0)
      return moment(2) / moment(1) ** 2 - 1
    }
    expect(variance(softenedReverseKl)).toBeCloseTo(0.112031, 6)
    expect(variance(jensenShannon)).toBeCloseTo(0.256367, 6)
  })
})

describe("f-DPO: links of l = log pi / pi0", () => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
  const loss = (d: FDivergence, beta: number) => -Math.log(sigmoid(beta * (d.link(0.7) - d.link(-0.4))))
  it.each<[string, FDivergence, number, number]>([
    ["reverse-kl", reverseKl, 0.1, 0.639658919],
    ["forward-kl", kl, 0.1, 0.644622827],
    ["js, twice ours", jensenShannon, 0.2, 0.667980592],
    ["alpha .3", alpha.make(0.3), 0.1, 0.641722676],
    ["alpha .5", alpha.make(0.5), 0.1, 0.64281009],
    ["alpha .7", alpha.make(0.7), 0.1, 0.643684178],
  ])("%s", (_, d, beta, expected) => expect(loss(d, beta)).toBeCloseTo(expected, 9))

  const prior = [0.4, 0.3, 0.15, 0.1, 0.05]
  const reward = [0, 0.5, 1, 1.5, 2]
  /** The policy whose ratio to the prior has the link (r - lambda) / beta, lambda by bisection. */
  const optimum = (d: FDivergence, beta: number) => {
    const policy = (lambda: number) => prior.map((p, i) => p * Math.exp(d.inverseLink((reward[i]! - lambda) / beta)))
    let [low, high] = [2 - beta * Math.min(d.linkAtInfinity, 100), 10]
    for (let i = 0; i < 100; i++) {
      const middle = (low + high) / 2
      if (policy(middle).reduce((a, b) => a + b, 0) > 1) low = middle
      else high = middle
    }
    return policy(high)
  }
  it.each<[string, FDivergence, number, ReadonlyArray<number>]>([
    ["forward-kl", kl, 0.5, [0.09808291, 0.09746011, 0.072178456, 0.092748682, 0.639529841]],
    ["js", jensenShannon, 1, [0.007064274, 0.014852738, 0.02206396, 0.05350806, 0.902510968]],
    ["alpha .5", alpha.make(0.5), 0.5, [0.076068898, 0.093304682, 0.089704625, 0.158973307, 0.581948488]],
    ["reverse-kl", reverseKl, 0.5, [0.056638739, 0.115470041, 0.156940057, 0.28440487, 0.386546294]],
  ])("optimum under %s", (_, d, beta, expected) => {
    optimum(d, beta).forEach((p, i) => expect(p).toBeCloseTo(expected[i]!, 8))
  })
})

describe("f-DPG on TINY5: target prior exp(2 r), uniform policy", () => {
  const prior = [0.4, 0.3, 0.15, 0.1, 0.05]
  const weights = prior.map((p, i) => p * Math.exp(i))
  const total = weights.reduce((a, b) => a + b, 0)
  const target = weights.map((w) => w / total)
  const uniform = [0.2, 0.2, 0.2, 0.2, 0.2]
  const logT = target.map((p) => Math.log(0.2 / p))
  it.each<[string, FDivergence, number, number, number, ReadonlyArray<number>, ReadonlyArray<number>]>([
    [
      "kl",
      kl,
      1,
      0.181906406,
      -1,
      [0.283193694, 0.577350204, 0.784700283, 1.422024348, 1.932731472],
      [0.143361261, 0.084529959, 0.043059943, -0.08440487, -0.186546294],
    ],
    [
      "js, twice ours",
      jensenShannon,
      2,
      0.094083774,
      0,
      [-0.443795137, -0.237400828, -0.113896688, 0.191456517, 0.382787051],
      [0.079925064, 0.038646202, 0.013945374, -0.047125267, -0.085391374],
    ],
    [
      "rkl",
      reverseKl,
      1,
      0.208473631,
      1,
      [-2.261624186, -1.549306258, -1.242453439, -0.647918547, -0.341065727],
      [0.210630111, 0.068166525, 0.006795961, -0.112111017, -0.173481581],
    ],
    ["tv", totalVariation, 1, 0.270951164, 0, [-0.5, -0.5, -0.5, 0.5, 0.5], [0.08, 0.08, 0.08, -0.12, -0.12]],
  ])("%s", (_, d, times, value, constant, rewards, gradient) => {
    expect(times * d.between(target, uniform)).toBeCloseTo(value, 9)
    // the paper's f' has a constant more: f*'(t) + constant
    logT.forEach((l, i) => expect(times * d.pseudoReward(l) - constant).toBeCloseTo(rewards[i]!, 9))
    const logits = onLogits(d, target.map(Math.log), [0, 0, 0, 0, 0])
    gradient.forEach((g, i) => expect(times * logits.gradient.model[i]!).toBeCloseTo(g, 9))
  })
  it("samples outside the support", () => {
    expect(2 * jensenShannon.pseudoReward(Infinity)).toBeCloseTo(-Math.LN2, 12)
    expect(totalVariation.pseudoReward(Infinity)).toBe(-0.5)
    expect(reverseKl.pseudoReward(Infinity)).toBe(-Infinity)
  })
})
