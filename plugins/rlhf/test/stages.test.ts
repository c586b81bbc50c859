/** The stages, as a pipeline runs them. */
import { policyOf, Rewards, Tabular } from "@relent/sequence"
import { describe, expect, it } from "vitest"
import { bandit } from "../src/bandit.ts"
import { evidenceReport } from "../src/evidence-report.ts"
import { klRl } from "../src/kl-rl.ts"
import { posteriorTarget } from "../src/posterior-target.ts"
import { failure, run } from "./run.ts"
import { beta, posteriorProbabilities, prior, probabilities, reward, target, uniform } from "./tiny5.ts"

const rewards = (...rows: ReadonlyArray<ArrayLike<number>>) =>
  Rewards.make({ context: [...rows.keys()], reward: rows.flatMap((row) => Array.from(row)) })
const inputs = { prior, reward: rewards(reward) }
const close = (actual: ReadonlyArray<number>, expected: ReadonlyArray<number>, digits: number) =>
  actual.forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, digits))
const hard = { prior, reward: rewards([0, -Infinity, 1, -Infinity, -Infinity]) }

describe("kl-rl", () => {
  it("ends at the posterior, enumerated and from samples", async () => {
    for (const parameters of [{ estimator: "exact" }, { batch: 32 }]) {
      const { outputs } = await run(klRl, { inputs, parameters: { ...parameters, beta } })
      close(probabilities(outputs["policy"]), posteriorProbabilities, 6)
    }
  })
  it("keeps ELBO + KL = log Z, and the objective ranks policies as the distance does", async () => {
    const { metrics } = await run(klRl, { inputs, parameters: { beta, steps: 120, every: 1 } })
    expect(metrics).toHaveLength(121)
    for (const { elbo, kl_to_target, logZ, residual, objective, kl_k1, kl_k3, reward } of metrics) {
      expect(Math.abs(elbo + kl_to_target - logZ)).toBeLessThan(1e-9)
      expect(residual).toBeLessThan(1e-9)
      expect(logZ).toBeCloseTo(1.954771366, 9)
      expect(elbo).toBeLessThanOrEqual(logZ + 1e-12)
      expect(objective).toBeCloseTo(beta * elbo, 9)
      expect(objective).toBeCloseTo(reward - beta * kl_k1, 9)
      expect(kl_k3).toBeCloseTo(kl_k1, 9)
    }
    const byObjective = metrics.toSorted((a, b) => a["objective"] - b["objective"]).map((m) => m["step"])
    expect(metrics.toSorted((a, b) => b["kl_to_target"] - a["kl_to_target"]).map((m) => m["step"])).toEqual(byObjective)
    expect(metrics[0]).toMatchObject({ step: 0, elbo: expect.closeTo(1.1, 12), exact: true })
  })
  it("takes the penalty in any divergence, D(prior || policy): each has its own optimum", async () => {
    const end = async (divergence: unknown, b: number) =>
      probabilities(
        (await run(klRl, { inputs, parameters: { divergence, beta: b, estimator: "exact", steps: 3000 } })).outputs[
          "policy"
        ],
      )
    close(await end("kl", 0.5), [0.09808291, 0.09746011, 0.072178456, 0.092748682, 0.639529841], 6)
    close(await end({ alpha: 0.5 }, 0.5), [0.076068898, 0.093304682, 0.089704625, 0.158973307, 0.581948488], 6)
    close(await end("jensen-shannon", 1), [0.007064274, 0.014852738, 0.02206396, 0.05350806, 0.902510968], 6)
  })
  it("collapses without a penalty, and says what it can't", async () => {
    const { metrics } = await run(klRl, { inputs, parameters: { beta: 0, allowCollapse: true } })
    const last = metrics.at(-1)!
    expect(last["entropy"]).toBeLessThan(0.1)
    expect(last).toMatchObject({ elbo: null, logZ: null, kl_to_target: null, residual: null })
    expect(last["objective"]).toBe(last["reward"])
  })
  it("goes on from a checkpoint with the same bytes", async () => {
    const parameters = { beta, steps: 60, every: 20, batch: 16 }
    const whole = await run(klRl, { inputs, parameters })
    const resumed = await run(klRl, { inputs, parameters, saved: whole.checkpoints[0]! })
    expect(resumed.outputs).toEqual(whole.outputs)
    expect(resumed.metrics).toEqual(whole.metrics.slice(2))
    expect(whole.checkpoints.map((c) => c.step)).toEqual([20, 40])
    expect((await run(klRl, { inputs, parameters, seed: 2 })).outputs).not.toEqual(whole.outputs)
  })
  it("keeps a hard constraint from the start", async () => {
    const { outputs, metrics } = await run(klRl, { inputs: hard, parameters: { beta, hardConstraint: true } })
    const [first, third] = [0.4, 0.15 * Math.exp(2)]
    const posterior = [first / (first + third), 0, third / (first + third), 0, 0]
    close(probabilities(outputs["policy"]), posterior, 6)
    expect(metrics.every((m) => m["residual"] < 1e-9 && Number.isFinite(m["objective"]))).toBe(true)
    // k3 lacks the prior's mass on what is never given
    expect(metrics[0]!["kl_k1"] - metrics[0]!["kl_k3"]).toBeCloseTo(0.45, 9)
  })
  it("starts where it is told", async () => {
    const given = { ...inputs, policy: uniform }
    const { metrics } = await run(klRl, { inputs: given, parameters: { beta, steps: 1 } })
    expect(metrics[0]!["elbo"]).toBeCloseTo(1.746297735, 9)
  })
})

describe("evidence-report", () => {
  it("brackets the evidence, enumerated and from samples", async () => {
    const { report } = (
      await run(evidenceReport, { inputs: { policy: prior, prior, target }, parameters: { K: 4, samples: 20_000 } })
    ).outputs
    const [exact, sampled] = [...report.rows]
    expect(exact).toMatchObject({
      context: 0,
      exact: true,
      elbo: expect.closeTo(1.1, 9),
      logZ: expect.closeTo(1.954771366, 9),
      gap: expect.closeTo(0.854771366, 9),
      lowerBoundK: expect.closeTo(1.603545373, 9),
      K: 4,
      eubo: expect.closeTo(1.954771366 + 0.873978574, 8),
      kl_k1: 0,
      kl_k3: 0,
      entropy: expect.closeTo(1.392321, 5),
    })
    expect(sampled).toMatchObject({ exact: false, logZ: null, gap: null })
    // standard errors 0.0086, 0.011, 0.009, 0.006 at 20,000 samples
    for (const column of ["elbo", "lowerBoundK", "eubo", "entropy"])
      expect(Math.abs(sampled[column] - exact[column])).toBeLessThan(0.045)
    expect(sampled.ess / exact.ess).toBeCloseTo(1, 1)
  })
  it("estimates the KL to the prior by k1 and k3", async () => {
    const { report } = (await run(evidenceReport, { inputs: { policy: uniform, prior, target } })).outputs
    const [exact, sampled] = [...report.rows]
    // four standard errors of the card's variances, 51,200 samples
    expect(exact.kl_k1).toBeCloseTo(0.253702265, 9)
    expect(exact.kl_k3).toBeCloseTo(0.253702265, 9)
    expect(Math.abs(sampled.kl_k1 - 0.253702265)).toBeLessThan(4 * Math.sqrt(0.561611363 / 51_200))
    expect(Math.abs(sampled.kl_k3 - 0.253702265)).toBeLessThan(4 * Math.sqrt(0.044973518 / 51_200))
  })
  it("reports what is infinite", async () => {
    const sure = Tabular.fromProbabilities([[1, 0, 0, 0, 0]])
    const { target: narrow } = (
      await run(posteriorTarget, { inputs: { ...hard, prior: sure }, parameters: { beta, hardConstraint: true } })
    ).outputs
    const { report } = (await run(evidenceReport, { inputs: { policy: prior, prior: sure, target: narrow } })).outputs
    for (const row of report.rows)
      expect(row).toMatchObject({ elbo: -Infinity, lowerBoundK: -Infinity, kl_k1: Infinity })
    expect([...report.rows][0]).toMatchObject({ gap: Infinity, kl_k3: Infinity, logZ: 0 })
    const other = (await run(evidenceReport, { inputs: { policy: sure, prior, target } })).outputs["report"]
    expect([...other.rows].map((row: any) => row.eubo)).toEqual([Infinity, Infinity])
  })
})

describe("bandit", () => {
  it("gives prior and rewards, a row a context", async () => {
    const { outputs } = await run(bandit, {
      parameters: {
        prior: [
          [0.25, 0.75],
          [1, 0],
        ],
        reward: [
          [1, "-inf"],
          [0, 2],
        ],
      },
    })
    close(probabilities(outputs["prior"]), [0.25, 0.75, 1, 0], 12)
    expect([...outputs["reward"].columns.reward]).toEqual([1, -Infinity, 0, 2])
    const { target: made } = (
      await run(posteriorTarget, { inputs: outputs, parameters: { beta: 1, hardConstraint: true } })
    ).outputs
    close([...made.logZ], [Math.log(0.25) + 1, 0], 12)
    close(probabilities(policyOf(made)), [1, 0, 1, 0], 12)
  })
})

describe("refuses", () => {
  const shortRewards = { prior, reward: rewards([0, 1]) }
  const twoContexts = { prior, reward: rewards(reward, reward) }
  const numbered = (...context: ReadonlyArray<number>) => ({
    prior: Tabular.make(2, 1, new Float64Array(2)),
    reward: Rewards.make({ context, reward: [0, 0] }),
  })
  const none = { prior, reward: rewards(Array.from({ length: 5 }, () => -Infinity)) }
  const missing = Tabular.fromProbabilities([[0.5, 0.5, 0, 0, 0]])
  it.each<[string, Parameters<typeof failure>, string]>([
    ["beta below 0", [klRl, { inputs, parameters: { beta: -1 } }], "greater than or equal to 0"],
    ["beta 0 of a posterior", [posteriorTarget, { inputs, parameters: { beta: 0 } }], "greater than 0"],
    ["beta 0 unless meant", [klRl, { inputs, parameters: { beta: 0 } }], "say allowCollapse: true"],
    [
      "NaN",
      [posteriorTarget, { inputs: { prior, reward: rewards([0, Number.NaN, 1, 1, 1]) } }],
      "answer 1 in context 0 is NaN",
    ],
    [
      "infinity",
      [klRl, { inputs: { prior, reward: rewards([0, 1, 1, 1, Infinity]) }, parameters: { hardConstraint: true } }],
      "answer 4 in context 0 is Infinity; rewards are finite",
    ],
    ["-infinity unless meant", [klRl, { inputs: hard }], "say hardConstraint: true"],
    ["-infinity unless meant, of a posterior", [posteriorTarget, { inputs: hard }], "say hardConstraint: true"],
    [
      "Z = 0",
      [posteriorTarget, { inputs: none, parameters: { hardConstraint: true } }],
      "every answer of context 0 has the weight 0; allow an answer",
    ],
    [
      "Z = 0 of kl-rl",
      [klRl, { inputs: none, parameters: { hardConstraint: true } }],
      "every answer of context 0 has the weight 0; allow an answer",
    ],
    ["r / beta beyond float64", [posteriorTarget, { inputs, parameters: { beta: 1e-320 } }], "make beta larger"],
    [
      "rows that don't sum to 1",
      [bandit, { parameters: { prior: [[0.5, 0.4]], reward: [[0, 0]] } }],
      "its entries sum to 0.9",
    ],
    [
      "uneven rows",
      [bandit, { parameters: { prior: [[0.5, 0.5], [1]], reward: [[0, 0], [0]] } }],
      "context 1 is not a distribution: it has 1 answers",
    ],
    [
      "rewards of another shape",
      [bandit, { parameters: { prior: [[0.5, 0.5]], reward: [[0]] } }],
      "don't have the prior's 1 contexts by 2 answers",
    ],
    ["another word than -inf", [bandit, { parameters: { prior: [[1]], reward: [["inf"]] } }], "-inf"],
    ["other answers", [klRl, { inputs: shortRewards }], "the reward has 1 contexts by 2 answers, the policy 1 by 5"],
    [
      "other contexts",
      [posteriorTarget, { inputs: twoContexts }],
      "the reward has 2 contexts by 5 answers, the policy 1 by 5",
    ],
    ["a context twice", [klRl, { inputs: numbered(0, 0) }], "row 1 of the rewards is of context 0, as is another"],
    ["a context that isn't there", [klRl, { inputs: numbered(0, 2) }], "row 1 of the rewards is of context 2"],
    [
      "a start of another shape",
      [klRl, { inputs: { ...inputs, policy: Tabular.fromProbabilities([[1]]) } }],
      "the policy has 1 contexts by 1 answers",
    ],
    [
      "an infinite penalty",
      [klRl, { inputs: { prior: missing, reward: rewards(reward), policy: uniform } }],
      "the penalty 'reverse-kl' is infinite at the start, in context 0",
    ],
    ["one sample for leave-one-out", [klRl, { inputs, parameters: { batch: 1 } }], "leave-one-out needs a batch of 2"],
    [
      "k3 of another divergence",
      [klRl, { inputs, parameters: { klEstimator: "k3", divergence: "kl" } }],
      "here it is 'kl'",
    ],
    [
      "k3 enumerated",
      [klRl, { inputs, parameters: { klEstimator: "k3", estimator: "exact" } }],
      "here it is enumerated",
    ],
    [
      "a divergence without generator",
      [klRl, { inputs, parameters: { divergence: { renyi: 2 } } }],
      "this needs a generator",
    ],
    [
      "an unknown divergence",
      [klRl, { inputs, parameters: { divergence: "reverse-lk" } }],
      "did you mean 'reverse-kl'?",
    ],
    [
      "a rate without end",
      [klRl, { inputs, parameters: { learningRate: 1e308, batch: 16 } }],
      "make 'learningRate' smaller",
    ],
    [
      "no even groups",
      [evidenceReport, { inputs: { policy: prior, prior, target }, parameters: { K: 7, samples: 20 } }],
      "20 samples don't divide into groups of 7",
    ],
    ["K = 0", [evidenceReport, { inputs: { policy: prior, prior, target }, parameters: { K: 0 } }], "greater than 0"],
    [
      "a target of another shape",
      [evidenceReport, { inputs: { policy: missing, prior: missing, target: { ...target, answers: 4 } } }],
      "the target 1 by 4",
    ],
  ])("%s", async (_, given, message) => {
    expect(await failure(...given)).toContain(message)
  })
})
