/** f-DPG: pseudo-rewards, gradients and variances of the card, targets by moments, what is refused. */
import { Divergence, type FDivergence } from "@relent/divergence"
import { source } from "@relent/random"
import { Chain, Markov, makeMarkovTarget, makeTarget, stepTilt, Tabular } from "@relent/sequence"
import { describe, expect, it } from "vitest"
import { distributionalTarget } from "../src/distributional-target.ts"
import { fDpg } from "../src/f-dpg.ts"
import { scoreGradient } from "../src/inference/policy-gradient.ts"
import { exactDistances, sampledDistances } from "../src/target/distances.ts"
import { gradientVariance } from "../src/target/gradient-variance.ts"
import { logZEstimate, noSamples, withSamples } from "../src/target/partition.ts"
import { paperConstant, pseudoRewards } from "../src/target/pseudo-reward.ts"
import { pay, type Rollout } from "../src/target/rollout.ts"
import { targetDivergenceReport } from "../src/target-divergence-report.ts"
import { failure, run } from "./run.ts"
import { posteriorProbabilities, prior, probabilities, target, uniform } from "./tiny5.ts"

const { kl, reverseKl, jensenShannon, totalVariation, pearsonChi2, neymanChi2 } = Divergence
const close = (actual: ArrayLike<number>, expected: ReadonlyArray<number>, digits = 9) =>
  Array.from(actual).forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, digits))
const logP = Tabular.logProbabilities(prior).map((_, i) => Math.log(posteriorProbabilities[i]!))
const exactLogP = target.logScore.map((w) => w - target.logZ[0]!)
const logT = exactLogP.map((l) => Math.log(0.2) - l)
const u = Float64Array.from(probabilities(uniform))
/** Times two for the card's Jensen–Shannon. */
const members: ReadonlyArray<
  readonly [string, FDivergence, number, ReadonlyArray<number>, ReadonlyArray<number>, number]
> = [
  [
    "kl",
    kl,
    1,
    [0.283193694, 0.577350204, 0.784700283, 1.422024348, 1.932731472],
    [0.143361261, 0.084529959, 0.043059943, -0.08440487, -0.186546294],
    1.014426878,
  ],
  [
    "js",
    jensenShannon,
    2,
    [-0.443795137, -0.237400828, -0.113896688, 0.191456517, 0.382787051],
    [0.079925064, 0.038646202, 0.013945374, -0.047125267, -0.085391374],
    0.054326265,
  ],
  [
    "rkl",
    reverseKl,
    1,
    [-2.261624186, -1.549306258, -1.242453439, -0.647918547, -0.341065727],
    [0.210630111, 0.068166525, 0.006795961, -0.112111017, -0.173481581],
    1.443494743,
  ],
  ["tv", totalVariation, 1, [-0.5, -0.5, -0.5, 0.5, 0.5], [0.08, 0.08, 0.08, -0.12, -0.12], 0.152],
]

describe.each(members)("%s at the uniform policy of TINY5", (_, d, times, rewards, gradient, trace) => {
  const R = pseudoRewards(d, logT, paperConstant(d)).map((r) => times * r)
  it("pays what the card says, with its gradient", () => {
    close(R, rewards)
    close(
      scoreGradient(u, R).map((g) => -g),
      gradient,
    )
  })
  it("has the card's variance", () => {
    expect(times ** 2 * gradientVariance(d, paperConstant(d), u, logT).trace).toBeCloseTo(trace, 9)
  })
  it("has the same gradient with any baseline, and from another proposal", () => {
    close(
      scoreGradient(
        u,
        R.map((r) => r - 3.7),
      ),
      [...scoreGradient(u, R)],
      12,
    )
    // off-policy: sum over q of (pi / q) R grad log pi is the sum over pi
    const q = Float64Array.of(0.1, 0.3, 0.1, 0.2, 0.3)
    const weighted = R.map((r, i) => q[i]! * (u[i]! / q[i]!) * r)
    const total = weighted.reduce((sum, w) => sum + w, 0)
    close(
      weighted.map((w, i) => -(w - total * u[i]!)),
      gradient,
    )
  })
})

describe("finite differences of D are the estimator's expectation", () => {
  const start = Float64Array.of(0.3, -0.2, 0.5, 0, -1)
  it.each([kl, reverseKl, jensenShannon, totalVariation, pearsonChi2, neymanChi2].map((d) => [d.name, d] as const))(
    "%s",
    (_, d) => {
      const D = (logits: Float64Array) =>
        Tabular.between(d, Tabular.make(1, 5, target.logScore), Tabular.make(1, 5, logits))[0]!
      const logPi = Tabular.logProbabilities(Tabular.make(1, 5, start))
      const R = pseudoRewards(
        d,
        logPi.map((l, i) => l - exactLogP[i]!),
        paperConstant(d),
      )
      const gradient = scoreGradient(logPi.map(Math.exp), R)
      const h = 1e-5
      for (let a = 0; a < 5; a++) {
        const moved = (by: number) => D(start.map((z, i) => (i === a ? z + by : z)))
        expect(-gradient[a]!).toBeCloseTo((moved(h) - moved(-h)) / (2 * h), 7)
      }
    },
  )
  it("where the policy is the target every sample is paid the same", () => {
    const same = new Float64Array(5)
    const expected: ReadonlyArray<readonly [FDivergence, number]> = [
      [kl, 1],
      [reverseKl, -1],
      [jensenShannon, 0],
      [totalVariation, 0],
      [pearsonChi2, 0],
      [neymanChi2, 0],
    ]
    for (const [d, r] of expected) close(pseudoRewards(d, same, paperConstant(d)), [r, r, r, r, r], 12)
  })
})

describe("a hard constraint on TINY5's prior", () => {
  // b = (0, 0, 0, 1, 1): Z = 0.15
  const hard = makeTarget(1, 5, Float64Array.of(-Infinity, -Infinity, -Infinity, Math.log(0.1), Math.log(0.05)))
  const ratios = Tabular.logProbabilities(prior).map((l, i) => l - (hard.logScore[i]! - hard.logZ[0]!))
  it("has the card's constant and pseudo-rewards", async () => {
    expect(Math.exp(hard.logZ[0]!)).toBeCloseTo(0.15, 12)
    const logU = logT.map((_, i) => Math.log(0.2) - (hard.logScore[i]! - hard.logZ[0]!))
    const of = (d: FDivergence, times: number) => pseudoRewards(d, logU, paperConstant(d)).map((r) => times * r)
    close(of(jensenShannon, 2), [-Math.LN2, -Math.LN2, -Math.LN2, 0.773189888, 0.287682072])
    close(of(kl, 1), [0, 0, 0, 3.333333333, 1.666666667])
    close(of(totalVariation, 1), [-0.5, -0.5, -0.5, 0.5, 0.5])
    expect(ratios[0]).toBe(Infinity)
    const stated = await run(distributionalTarget, {
      inputs: { prior },
      parameters: { features: [{ contains: [3, 4], moment: 1 }] },
    })
    close(stated.outputs["target"].logScore.slice(3), [Math.log(0.1), Math.log(0.05)], 12)
    expect(stated.outputs["target"].logScore[0]).toBe(-Infinity)
    expect([...stated.outputs["moments"].columns.lambda]).toEqual([Infinity])
  })
  it("is approached by js and kl, and reported", async () => {
    const parameters = { samples: 64, steps: 150, learningRate: 0.1, every: 50 }
    for (const divergence of ["jensen-shannon", "kl"]) {
      const { outputs, metrics } = await run(fDpg, {
        inputs: { policy: prior, target: hard },
        parameters: { ...parameters, divergence },
      })
      const last = metrics.at(-1)!
      expect(last["support"]).toBeGreaterThan(0.9)
      expect(last["Z"]).toBeCloseTo(0.15, 1)
      expect(last).toMatchObject({ exact: true, kl_policy_target: Infinity })
      const given = { policy: outputs["policy"], target: hard, prior }
      const [exact, sampled] = [...(await run(targetDivergenceReport, { inputs: given })).outputs["report"].rows]
      const [, , , d, e] = probabilities(outputs["policy"])
      expect(exact.support).toBeCloseTo(d! + e!, 12)
      expect(Math.abs(sampled.support - exact.support)).toBeLessThan(4 * Math.sqrt(0.25 / 1024))
      expect(exact.logZ).toBeCloseTo(Math.log(0.15), 12)
    }
  })
})

describe("the constant", () => {
  it("is the mean over all samples so far", () => {
    let all = noSamples(2)
    expect(logZEstimate(all, 0)).toBe(-Infinity)
    all = withSamples(all, 0, Float64Array.of(Math.log(2), -Infinity))
    all = withSamples(all, 0, Float64Array.of(Math.log(4)))
    expect(Math.exp(logZEstimate(all, 0))).toBeCloseTo(2, 12)
    expect(logZEstimate(all, 1)).toBe(-Infinity)
  })
  it("doesn't overflow, and is kept at maxZ", () => {
    const large = withSamples(noSamples(1), 0, Float64Array.of(2000, 2000))
    expect(logZEstimate(large, 0)).toBeCloseTo(2000, 9)
    const cut = withSamples(noSamples(1), 0, Float64Array.of(Math.log(0.5), Math.log(100), Math.log(200)), 1)
    expect(Math.exp(logZEstimate(cut, 0))).toBeCloseTo(1, 9)
    const below = withSamples(noSamples(1), 0, Float64Array.of(Math.log(0.5)), 1)
    expect(Math.exp(logZEstimate(below, 0))).toBeCloseTo(0.5, 12)
  })
})

it("estimates from any proposal are the divergences in the mean", () => {
  // every answer once, weighed by a uniform proposal
  const logQ = new Float64Array(5).fill(Math.log(0.2))
  const found = sampledDistances(logQ, Tabular.logProbabilities(prior), target.logScore, target.logZ[0]!)
  const exact = exactDistances(prior, target)!
  for (const name of ["kl_target_policy", "kl_policy_target", "tv", "js", "support"] as const)
    expect(found[name]).toBeCloseTo(exact[name]!, 9)
  expect(exact.js).toBeCloseTo(jensenShannon.between(logP.map(Math.exp), [0.4, 0.3, 0.15, 0.1, 0.05]), 6)
})

it("pays samples of another proposal by pi / q, less the mean of the pseudo-rewards before theirs", () => {
  const [logQ, logPi, logW] = [
    [0.1, 0.4, 0.4, 0.1],
    [0.2, 0.2, 0.5, 0.1],
    [0.3, 0, 0.6, 2.1],
  ].map((row) => Float64Array.from(row, Math.log)) as [Float64Array, Float64Array, Float64Array]
  const rollout = { context: 0, logQ, logPi, logW } as unknown as Rollout
  const partition = withSamples(
    noSamples(1),
    0,
    logW.map((w, i) => w - logQ[i]!),
  )
  // w / q = 3, 0, 1.5, 21: their mean, Z, counts the 0
  const Z = 25.5 / 4
  const R = [0.3, 0, 0.6, 2.1].map((w, i) => Math.log(w / Z) - logPi[i]! - 1)
  const paid = (useBaseline: boolean, d: FDivergence) =>
    pay([rollout], partition, Float64Array.of(5, 2, 4), {
      divergence: d,
      constant: paperConstant(d),
      useBaseline,
      window: 3,
      scoringSize: 2,
    })
  const chi2 = [0.3, 0, 0.6, 2.1].map((w, i) => (w / Z / Math.exp(logPi[i]!)) ** 2 - 1)
  const ratios = [2, 0.5, 1.25, 1]
  // by the window of three: first 5, 2, 4, then 4 and the two that were paid
  const baselines = (r: ReadonlyArray<number>) => [11 / 3, 11 / 3, (4 + r[0]! + r[1]!) / 3, (4 + r[0]! + r[1]!) / 3]
  close(
    paid(true, pearsonChi2).weights[0]!,
    ratios.map((w, i) => (w * (chi2[i]! - baselines(chi2)[i]!)) / 4),
    12,
  )
  const plain = paid(false, reverseKl).weights[0]!
  for (const i of [0, 2, 3]) expect(plain[i]).toBeCloseTo((ratios[i]! * R[i]!) / 4, 12)
  expect(plain[1]).toBe(-Infinity)
})

describe("f-dpg", () => {
  const parameters = { samples: 64, steps: 40, learningRate: 0.05, every: 20 }
  it("goes on from a checkpoint with the same numbers, on and off its policy", async () => {
    for (const more of [{}, { proposal: uniform }]) {
      const given = { inputs: { policy: prior, target, ...more } }
      const whole = await run(fDpg, { ...given, parameters })
      const resumed = await run(fDpg, { ...given, parameters, saved: whole.checkpoints[0]! })
      expect(resumed.outputs).toEqual(whole.outputs)
      expect(resumed.metrics).toEqual(whole.metrics.slice(1))
      expect(whole.metrics[1]!["kl_target_policy"]).toBeLessThan(0.5)
    }
  })
  it("replaces a proposal by a nearer policy", async () => {
    const far = Tabular.fromProbabilities([[0.96, 0.01, 0.01, 0.01, 0.01]])
    const given = { policy: uniform, target, proposal: far }
    const ends = async (proposalUpdateInterval: number) =>
      (await run(fDpg, { inputs: given, parameters: { ...parameters, proposalUpdateInterval } })).metrics.at(-1)!
    const [kept, replaced] = [await ends(1000), await ends(5)]
    expect(replaced["kl_target_policy"]).toBeLessThan(kept["kl_target_policy"])
  })
  it("comes near a Markov target that it can't be", async () => {
    const random = source({ seed: 2, stream: "dpg" })
    const chain = Markov.makeMarkov({
      vocabulary: 3,
      length: 4,
      start: 0,
      tied: true,
      logits: Float64Array.from(random("prior").normals(9)),
    })
    const goal = makeMarkovTarget(chain, stepTilt(3, Float64Array.from(random("g").normals(9))))
    const { metrics, outputs } = await run(fDpg, {
      inputs: { policy: chain, target: goal },
      parameters: { ...parameters, steps: 60 },
    })
    expect(metrics.at(-1)!["kl_target_policy"]).toBeLessThan(0.2 * Chain.klFrom(goal.chain, chain))
    expect(metrics.at(-1)!["exact"]).toBe(true)
    expect(Math.abs(Math.log(metrics.at(-1)!["Z"]) - goal.chain.logZ)).toBeLessThan(0.2)
    expect(outputs["policy"].tied).toBe(true)
  })
  it("skips a context of which no sample was in the support", async () => {
    const never = Tabular.make(1, 2, Float64Array.of(0, -500))
    const goal = makeTarget(1, 2, Float64Array.of(-Infinity, 0))
    const { outputs, metrics } = await run(fDpg, { inputs: { policy: never, target: goal }, parameters })
    expect([...outputs["policy"].logits]).toEqual([...never.logits])
    expect(metrics.at(-1)!["Z"]).toBe(0)
  })
})

describe("distributional-target", () => {
  const features = [{ contains: [3, 4], moment: 0.5 }]
  const exactly = { features, tolerance: 1e-11, learningRate: 1, iterations: 1000 }
  it("has the card's lambda", async () => {
    const { outputs, warnings } = await run(distributionalTarget, { inputs: { prior }, parameters: exactly })
    expect(outputs["moments"].columns.lambda[0]).toBeCloseTo(1.734601055, 9)
    expect(outputs["moments"].columns.achieved[0]).toBeCloseTo(0.5, 9)
    expect(warnings).toEqual([])
  })
  it("comes near it from samples, and says when it doesn't converge", async () => {
    const sampled = { features, moments: "sampled", samples: 20_000, learningRate: 0.5 }
    const { outputs } = await run(distributionalTarget, { inputs: { prior }, parameters: sampled })
    expect(Math.abs(outputs["moments"].columns.lambda[0] - 1.734601055)).toBeLessThan(0.08)
    const { warnings } = await run(distributionalTarget, { inputs: { prior }, parameters: { features, iterations: 3 } })
    expect(warnings).toEqual(["after 3 iterations a moment is still off by more than 0.00001"])
  })
  it("gives Markov policies their moments", async () => {
    const chain = Markov.makeMarkov({ vocabulary: 3, length: 5, start: 0, tied: true, logits: new Float64Array(9) })
    const two = [
      { contains: [2], moment: 0.4 },
      { count: [1], moment: 2.5 },
    ]
    const { outputs } = await run(distributionalTarget, {
      inputs: { prior: chain },
      parameters: { features: two, learningRate: 0.5 },
    })
    const { chain: made } = outputs["target"]
    expect(
      Chain.expectTilted(
        made,
        () => 0,
        (s) => s,
      ),
    ).toBeCloseTo(0.4, 4)
    expect(Chain.expectTilted(made, (_, w) => (w === 1 ? 1 : 0))).toBeCloseTo(2.5, 4)
  })
})

describe("refuses", () => {
  const hard = makeTarget(1, 5, Float64Array.of(-Infinity, 0, 0, 0, 0))
  const parameters = { samples: 8, steps: 1 }
  const nan = { ...target, logScore: target.logScore.map(() => Number.NaN) }
  const narrow = Tabular.fromProbabilities([[1, 0, 0, 0, 0]])
  it.each<[string, Parameters<typeof failure>, string]>([
    [
      "rkl of a target with zeros",
      [fDpg, { inputs: { policy: prior, target: hard }, parameters: { divergence: "reverse-kl" } }],
      "a finite f(0), for targets with zeros",
    ],
    [
      "rchi2 of a target with zeros",
      [fDpg, { inputs: { policy: prior, target: hard }, parameters: { divergence: "neyman-chi2" } }],
      "a finite f(0)",
    ],
    [
      "a target that is NaN",
      [fDpg, { inputs: { policy: prior, target: nan }, parameters }],
      "the target's logarithm is NaN",
    ],
    [
      "a proposal that misses the policy",
      [fDpg, { inputs: { policy: prior, target, proposal: narrow }, parameters }],
      "the proposal never gives what the policy gives",
    ],
    ["a window of 0", [fDpg, { inputs: { policy: prior, target }, parameters: { window: 0 } }], "greater than 0"],
    ["no samples", [fDpg, { inputs: { policy: prior, target }, parameters: { samples: 0 } }], "greater than 0"],
    [
      "another space",
      [fDpg, { inputs: { policy: Tabular.fromProbabilities([[1]]), target }, parameters }],
      "the policy has 1 contexts by 1 answers",
    ],
    [
      "a share above 1",
      [distributionalTarget, { inputs: { prior }, parameters: { features: [{ contains: [1], moment: 1.5 }] } }],
      "no finite lambda",
    ],
    [
      "a share of 0",
      [distributionalTarget, { inputs: { prior }, parameters: { features: [{ contains: [1], moment: 0 }] } }],
      "no finite lambda",
    ],
    [
      "a mean of the whole length",
      [distributionalTarget, { inputs: { prior }, parameters: { features: [{ count: [1], moment: 1 }] } }],
      "no finite lambda",
    ],
    [
      "a token that isn't there",
      [distributionalTarget, { inputs: { prior }, parameters: { features: [{ contains: [9], moment: 0.5 }] } }],
      "there is no token 9",
    ],
    [
      "Z = 0",
      [distributionalTarget, { inputs: { prior: narrow }, parameters: { features: [{ contains: [3], moment: 1 }] } }],
      "every answer of context 0 has the weight 0",
    ],
  ])("%s", async (_, given, message) => {
    expect(await failure(...given)).toContain(message)
  })
})
