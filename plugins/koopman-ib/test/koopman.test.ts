/** Linear models of dynamics: operators, losses, and the stages around them. */
import { betweenGaussians, Divergence } from "@relent/divergence"
import { normals } from "@relent/nn"
import { source } from "@relent/random"
import { type Tensor, tf } from "@relent/tensor"
import { forbidPromotion } from "@relent/tensor/testing"
import { describe, expect, it } from "vitest"
import { evaluateKoopman } from "../src/evaluate-koopman.ts"
import { infoKoopman } from "../src/info-koopman.ts"
import { lift, monomials } from "../src/koopman/dictionary.ts"
import { advance, operator, temporalInfoNce, transitionCost } from "../src/koopman/losses.ts"
import { eigenvaluesOf, operatorOf, ridgeOperator } from "../src/koopman/operator.ts"
import { ridgeEdmd } from "../src/ridge-edmd.ts"
import { drawn } from "../src/stochastic.ts"
import { Trajectories } from "../src/tables.ts"
import { vanDerPol } from "../src/van-der-pol.ts"
import { failure, read, run } from "./run.ts"

forbidPromotion()

describe("operators", () => {
  const pairs = {
    before: Float64Array.of(1, 0, 0, 1, 1, 1),
    after: Float64Array.of(0.9, 0.1, -0.1, 0.9, 0.8, 1),
    dimension: 2,
  }
  const card = [0.84164223, 0.1202346, -0.06744868, 0.84750733]
  it("ridge: the card's three pairs", () => {
    ridgeOperator(pairs, 0.1)
      .to1DArray()
      .forEach((v, i) => expect(v).toBeCloseTo(card[i]!, 8))
  })
  it("ridge: the same on tensors, members and windows apart or together", async () => {
    const found = await read(() => {
      // the three pairs as one window, and as a window of one and one of two
      const at = (x: Float64Array) => tf.tensor([...x], [1, 1, 3, 2])
      return [operator(at(pairs.before), at(pairs.after), 0.1, "pooled")]
    })
    found[0]!.forEach((v, i) => expect(v).toBeCloseTo(card[i]!, 6))
  })
  it("per trajectory is the mean of one for each", async () => {
    const rotation = (w: number) => [Math.cos(w), Math.sin(w), -Math.sin(w), Math.cos(w)]
    const path = (w: number) => Array.from({ length: 6 }, (_, t) => [Math.cos(w * t), Math.sin(w * t)]).flat()
    const latents = Float64Array.from([...path(0.3), ...path(0.5)])
    const options = { trajectories: 2, dimension: 2, ridge: 1e-12 } as const
    const wanted = rotation(0.3).map((v, i) => (v + rotation(0.5)[i]!) / 2)
    operatorOf(latents, { ...options, kind: "per-trajectory" }).forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, 9))
    const pooled = operatorOf(latents, { ...options, kind: "pooled" })
    expect(pooled[0]! - wanted[0]!).not.toBeCloseTo(0, 6)
    const kinds = ["per-trajectory", "pooled"] as const
    const [apart, together] = await read(() => {
      const all = tf.tensor([...latents], [1, 2, 6, 2])
      const part = (from: number) => tf.slice(all, [0, 0, from, 0], [1, 2, 5, 2])
      return kinds.map((kind) => operator(part(0), part(1), 0.1, kind))
    })
    const exact = kinds.map((kind) => operatorOf(latents, { ...options, ridge: 0.1, kind }))
    apart!.forEach((v, i) => expect(v).toBeCloseTo(exact[0]![i]!, 6))
    together!.forEach((v, i) => expect(v).toBeCloseTo(exact[1]![i]!, 6))
  })
  it("no gradient flows through the operator, and one through what it moves", async () => {
    const [slope, own] = await read(() => {
      const z = tf.tensor([1, 2, 3, 4, 5, 7], [1, 1, 3, 2])
      const k = tf.tensor([0.5, 0, 0, 2], [1, 2, 2])
      return [
        tf.grad((x) => tf.sum(tf.add(operator(x, x, 0.1, "pooled"), tf.mul(0, tf.sum(x)))))(z),
        tf.grad((x) => tf.sum(advance(x, k)))(z),
      ]
    })
    expect(slope).toEqual([0, 0, 0, 0, 0, 0])
    expect(own).toEqual([0.5, 2, 0.5, 2, 0.5, 2])
  })
  it("eigenvalues of a rotation are e^(+-iw)", () => {
    const w = 0.7
    const [first, second] = eigenvaluesOf(Float64Array.of(Math.cos(w), Math.sin(w), -Math.sin(w), Math.cos(w)))
    expect(first).toEqual({
      real: expect.closeTo(Math.cos(w), 12),
      imaginary: expect.closeTo(Math.sin(w), 12),
      modulus: expect.closeTo(1, 12),
    })
    expect(second!.imaginary).toBeCloseTo(-Math.sin(w), 12)
  })
})

describe("temporal InfoNCE", () => {
  const nce = (rows: ReadonlyArray<ReadonlyArray<number>>, k: number, tau: number) =>
    read(() => [temporalInfoNce(tf.tensor(rows.flat(), [1, 1, rows.length, rows[0]!.length]), k, tau)])
  const circle = [
    [1, 0],
    [0.8, 0.6],
    [0, 1],
    [-0.6, 0.8],
    [-1, 0],
    [-0.8, -0.6],
  ]
  it("the card's six vectors, at any length", async () => {
    expect((await nce(circle, 1, 0.5))[0]![0]).toBeCloseTo(0.19762201, 6)
    const longer = circle.map((row, t) => row.map((v) => v * (t + 1)))
    expect((await nce(longer, 1, 0.5))[0]![0]).toBeCloseTo(0.19762201, 6)
    // anchors 1 to 4 have the losses .14982863 .24541540 .24541540 .14982863: of the first five alone, anchors 1 to 3 see fewer others
    expect((await nce(circle.slice(0, 3), 1, 0.5))[0]![0]).toBeCloseTo(0, 6)
  })
  it("latents that don't move, or are 0, have log((2k + others) / 2k)", async () => {
    for (const value of [3, 0]) {
      const still = Array.from({ length: 9 }, () => [value, value])
      expect((await nce(still, 2, 0.1))[0]![0]).toBeCloseTo(Math.log(8 / 4), 6)
    }
  })
  it("members and windows are apart: each member has the mean over its windows", async () => {
    const turned = circle.map(([a, b]) => [b!, a! * 2])
    const still = circle.map(() => [1, 1])
    const [found] = await read(() => {
      const rows = [circle, still, turned, turned].flat(2)
      return [temporalInfoNce(tf.tensor(rows, [2, 2, 6, 2]), 1, 0.5)]
    })
    const own = async (rows: ReadonlyArray<ReadonlyArray<number>>) => (await nce(rows, 1, 0.5))[0]![0]!
    expect(found![0]).toBeCloseTo(((await own(circle)) + (await own(still))) / 2, 6)
    expect(found![1]).toBeCloseTo(await own(turned), 6)
  })
})

describe("what a stochastic encoder adds to the transition", () => {
  // two members, a window each of two times in the plane
  const mean = [1, -2, 0.5, 0, 3, 1, -1, 0.25]
  const logVariance = [0, -1, 0.5, -3, 1, 0.2, -0.7, -2]
  const moved = [0.5, -1, 0, 0.3, 2, 1, -2, 1]
  const at = (values: ReadonlyArray<number>) => tf.tensor([...values], [2, 1, 2, 2])
  it("is the divergence of Gaussians, in nats a coordinate", async () => {
    const [found] = await read(() => [transitionCost({ mean: at(mean), logVariance: at(logVariance) }, at(moved))])
    for (const member of [0, 1]) {
      const each = [0, 1].map((time) => {
        const own = (values: ReadonlyArray<number>) => values.slice(4 * member + 2 * time, 4 * member + 2 * time + 2)
        return betweenGaussians(
          Divergence.kl,
          { mean: own(mean), variance: own(logVariance).map(Math.exp) },
          { mean: own(moved), variance: [1, 1] },
        )
      })
      expect(found![member]).toBeCloseTo((each[0]! + each[1]!) / 4, 6)
    }
  })
  it("has the gradient of differences, by mean, variance and what was drawn before", async () => {
    const noise = [0.4, -1, 0.1, 2, -0.3, 0.7, 1.1, -0.6]
    // the latent before is a draw as well, and moves on by K = I
    const cost = (m: Tensor, v: Tensor) => {
      const before = drawn({ mean: tf.reverse(m, 2), logVariance: v }, at(noise))
      return tf.sum(transitionCost({ mean: m, logVariance: v }, before))
    }
    const exact = (x: ReadonlyArray<number>) =>
      x.slice(0, 8).reduce((sum, m, i) => {
        const from = i ^ 2 // the other time of the same window
        const before = x[from]! + Math.exp(x[8 + i]! / 2) * noise[i]!
        const target = { mean: [m], variance: [Math.exp(x[8 + i]!)] }
        return sum + betweenGaussians(Divergence.kl, target, { mean: [before], variance: [1] }) / 4
      }, 0)
    const [value, byMean, byVariance] = await read(() => {
      const slopes = tf.grads((m, v) => cost(m, v))([at(mean), at(logVariance)])
      return [cost(at(mean), at(logVariance)), ...slopes]
    })
    const x = [...mean, ...logVariance]
    expect(value![0]).toBeCloseTo(exact(x), 5)
    ;[...byMean!, ...byVariance!].forEach((g, i) => {
      const apart = (step: number) => exact(x.with(i, x[i]! + step))
      expect(g).toBeCloseTo((apart(1e-5) - apart(-1e-5)) / 2e-5, 4)
    })
  })
  it("with variances of 1 is half the mean square that it stands for", async () => {
    const [cost, square] = await read(() => [
      transitionCost({ mean: at(mean), logVariance: tf.zeros([2, 1, 2, 2]) }, at(moved)),
      tf.mean(tf.squaredDifference(at(mean), at(moved)), [1, 2, 3]),
    ])
    cost!.forEach((v, m) => expect(v).toBeCloseTo(square![m]! / 2, 6))
  })
})

describe("dictionaries", () => {
  it("polynomials: the state, 1, then higher degrees", () => {
    expect(monomials(2, 2)).toEqual([
      [1, 0],
      [0, 1],
      [2, 0],
      [1, 1],
      [0, 2],
    ])
    const x = Float32Array.of(2, 3)
    expect([...lift({ polynomial: { degree: 3 } }, new Float64Array(0), 2, x)]).toEqual([
      2, 3, 1, 4, 6, 9, 8, 12, 18, 27,
    ])
    expect([...lift("linear", new Float64Array(0), 2, x)]).toEqual([2, 3])
    const around = lift({ rbf: { centres: 1, width: 2 } }, Float64Array.of(2, 1), 2, x)
    expect([...around]).toEqual([2, 3, 1, Math.exp(-0.5)])
  })
})

/** Trajectories of a linear map, `x_{t+1} = A x_t`. */
const linear = (a: ReadonlyArray<number>, count: number, length: number) => {
  const x = new Float32Array(count * length * 2)
  for (let t = 0; t < count; t++) {
    let [p, q] = [Math.cos(1.7 * t) + 0.3, Math.sin(1.7 * t)]
    for (let s = 0; s < length; s++) {
      x.set([p, q], (t * length + s) * 2)
      ;[p, q] = [a[0]! * p + a[1]! * q, a[2]! * p + a[3]! * q]
    }
  }
  return Trajectories.make(
    { id: Int32Array.from({ length: count }, (_, i) => i), x },
    { sizes: { steps: length, features: 2 } },
  )
}

describe("ridge-edmd", () => {
  const a = [0.9, -0.2, 0.3, 0.95]
  const data = linear(a, 6, 12)
  it("of a linear system, with its states as latents and no penalty, is A transposed", () => {
    const found = operatorOf(Float64Array.from(data.columns.x), {
      trajectories: 6,
      dimension: 2,
      kind: "pooled",
      ridge: 1e-12,
    })
    ;[a[0]!, a[2]!, a[1]!, a[3]!].forEach((v, i) => expect(found[i]).toBeCloseTo(v, 6))
  })
  it("with 1 in the dictionary the mean doesn't matter: eigenvalues are A's and 1, and the error 0", async () => {
    const { model } = (await run(ridgeEdmd, { data }, { dictionary: { polynomial: { degree: 1 } }, ridge: 1e-12 }))
      .outputs
    const { metrics, eigenvalues, errors, portrait } = (await run(evaluateKoopman, { model, data }, { horizon: 8 }))
      .outputs
    expect(metrics.columns.nrmse[0]).toBeLessThan(1e-5)
    expect(metrics.columns.oneStep[0]).toBeLessThan(1e-5)
    expect(metrics.columns.spectralRadius[0]).toBeCloseTo(1, 6)
    // trace 1.85, determinant 0.915
    const imaginary = Math.sqrt(0.915 - 0.925 ** 2)
    const rows = [...eigenvalues.rows]
    expect(rows.map(({ real }) => real)).toEqual([1, 0.925, 0.925].map((v) => expect.closeTo(v, 5) as number))
    expect(rows.map(({ imaginary }) => imaginary)).toEqual(
      [0, imaginary, -imaginary].map((v) => expect.closeTo(v, 5) as number),
    )
    expect([...errors.columns.horizon]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    const path = [...portrait.rows].filter((row) => row.trajectory === 2 && row.kind === "predicted")
    path.forEach(({ x, y, step }) => {
      expect(x).toBeCloseTo(data.columns.x[(2 * 12 + step) * 2]!, 4)
      expect(y).toBeCloseTo(data.columns.x[(2 * 12 + step) * 2 + 1]!, 4)
    })
    expect(portrait.length).toBe(4 * 2 * 9)
  })
  it("polynomials and radial functions say more of Van der Pol's oscillator than its state alone", async () => {
    const of = async (draw: number) => (await run(vanDerPol, {}, { trajectories: 40, steps: 40, draw })).outputs["data"]
    const [train, test] = [await of(0), await of(1)]
    const nrmse = async (dictionary: unknown) => {
      const { model } = (await run(ridgeEdmd, { data: train }, { dictionary })).outputs
      return (await run(evaluateKoopman, { model, data: test }, {})).outputs["metrics"].columns.nrmse[0]
    }
    const [state, cubic, radial] = [
      await nrmse("linear"),
      await nrmse({ polynomial: { degree: 3 } }),
      await nrmse({ rbf: {} }),
    ]
    expect(cubic).toBeLessThan(state)
    expect(radial).toBeLessThan(state)
  })
  it("warns of what explodes", async () => {
    const { warnings } = await run(
      ridgeEdmd,
      { data: linear([1.1, 0, 0, 1.2], 6, 12) },
      { dictionary: "linear", ridge: 1e-6 },
    )
    expect(warnings[0]).toMatch(/spectral radius 1\.\d+: .* explodes/)
  })
})

const small = { hidden: [16], latentDim: 4, steps: 30, every: 10, window: 6, batch: 8, members: 2 }
const simulated = async (more: object = {}) =>
  (await run(vanDerPol, {}, { trajectories: 20, steps: 24, ...more })).outputs["data"]

describe("info-koopman", () => {
  it("learns, and says what it has become", async () => {
    const data = await simulated()
    const { outputs, metrics } = await run(infoKoopman, { data }, small)
    expect(metrics.map(({ step }) => step)).toEqual([10, 20, 30])
    expect(metrics.at(-1)!["loss"]).toBeLessThan(metrics[0]!["loss"])
    const { model } = outputs
    const report = (await run(evaluateKoopman, { model, data }, { horizon: 10 })).outputs
    expect([...report.metrics.columns.member]).toEqual([0, 1])
    for (const { member, nrmse, oneStep, persistence, effectiveDimension, spectralRadius } of report.metrics.rows) {
      const own = [...report.errors.rows].filter((row) => row.member === member).map(({ rmse }) => rmse)
      expect(own[0]).toBe(oneStep)
      expect(nrmse).toBeCloseTo(Math.sqrt(own.reduce((sum, e) => sum + e * e, 0) / 10), 12)
      expect(persistence).toBeGreaterThan(0.5)
      expect(effectiveDimension).toBeGreaterThan(1)
      expect(effectiveDimension).toBeLessThan(4)
      expect(spectralRadius).toBeLessThan(1.05)
    }
    expect(report.eigenvalues.length).toBe(8)
    expect(report.errors.length).toBe(20)
  })
  it.each(["deterministic", "stochastic"])(
    "a member of a %s encoder trains the same alone and in company, and from a checkpoint",
    async (encoder) => {
      const data = await simulated()
      const short = { ...small, encoder, steps: 9, every: 3 }
      const both = await run(infoKoopman, { data }, short)
      const alone = await run(infoKoopman, { data }, { ...short, members: 1 })
      const of = (ran: typeof both) => ran.outputs["model"].operator as Float64Array
      of(alone).forEach((v, i) => expect(v).toBeCloseTo(of(both)[i]!, 4))
      for (const checkpoint of both.checkpoints.slice(0, 2))
        expect(of(await run(infoKoopman, { data }, short, checkpoint))).toEqual(of(both))
    },
  )
  describe("with a stochastic encoder", () => {
    const stochastic = { ...small, encoder: "stochastic" }
    it("starts where a deterministic one starts, and leaves a model of the same shape", async () => {
      const data = await simulated()
      // a rate that float32 takes for 0
      const still = { steps: 1, every: 1, learningRate: 1e-60 }
      const of = async (encoder: string) =>
        (await run(infoKoopman, { data }, { ...small, ...still, encoder })).outputs["model"]
      const [drawn, given] = [await of("stochastic"), await of("deterministic")]
      expect(drawn.encoder.parameters).toEqual(given.encoder.parameters)
      expect(drawn.decoder.parameters).toEqual(given.decoder.parameters)
      expect(drawn.operator).toEqual(given.operator)
    })
    it("learns; the less the divergence counts, the further its variances fall below the operator's", async () => {
      const data = await simulated()
      const logVariance = async (beta: number) => {
        const fit = { ...stochastic, members: 1, learningRate: 0.02, beta }
        const { metrics, checkpoints } = await run(infoKoopman, { data }, fit)
        expect(metrics.at(-1)!["loss"]).toBeLessThan(metrics[0]!["loss"])
        const bias = checkpoints.at(-1)!.state.parameters["spread/layers/1/bias"].values as Float32Array
        return bias.reduce((sum, v) => sum + v, 0) / bias.length
      }
      const [little, much] = [await logVariance(0.01), await logVariance(1)]
      expect(little).toBeLessThan(0)
      expect(little).toBeLessThan(much)
    })
    it("draws anew at every step, for every member", () => {
      const of = (step: number) =>
        normals({ random: source({ seed: 1, stream: "test" }), members: 2 }, [3, 4, 5], "latents", step)
      const [first, again, next] = [of(0), of(0), of(1)]
      expect(first).toEqual(again)
      expect(first.shape).toEqual([2, 3, 4, 5])
      expect(first.values.slice(0, 60)).not.toEqual(first.values.slice(60))
      expect(first.values.slice(0, 60)).not.toEqual(next.values.slice(0, 60))
    })
  })
  it("entropy opens the latents; minimised, as the published trainer has it, it closes them", async () => {
    const data = await simulated()
    const dimension = async (entropy: string) => {
      const { model } = (
        await run(
          infoKoopman,
          { data },
          { ...small, members: 1, gamma: 1, alpha: 0, beta: 0, learningRate: 0.02, entropy },
        )
      ).outputs
      return (await run(evaluateKoopman, { model, data }, { horizon: 10 })).outputs["metrics"].columns
        .effectiveDimension[0]
    }
    expect(await dimension("maximised")).toBeGreaterThan((await dimension("minimised")) + 1)
  })
})

describe("what they refuse", () => {
  const of = (values: ReadonlyArray<number>, steps: number, features: number) =>
    Trajectories.make(
      { id: Int32Array.from({ length: values.length / steps / features }, (_, i) => i), x: Float32Array.from(values) },
      { sizes: { steps, features } },
    )
  it.each([
    [{ window: 4, k: 2 }, /more than 2 k = 4 steps/],
    [{ tau: 0 }, /greater than 0/],
    [{ ridge: 0 }, /greater than 0/],
    [{ latentDim: 0 }, /between 1 and 256/],
    [{ latentDim: 257 }, /between 1 and 256/],
    [{ alpha: -1 }, /greater than or equal to 0/],
    [{ beta: -1 }, /greater than or equal to 0/],
    [{ gamma: -1 }, /greater than or equal to 0/],
    [{ encoder: "stochastic", beta: 0 }, /a stochastic encoder wants a beta above 0/],
    [{ encoder: "variational" }, /"deterministic" \| "stochastic"/],
    [{ k: 0 }, /greater than 0/],
    [{ window: 25, k: 2 }, /a trajectory has 25 states, 26 are needed/],
    [{ learningRate: 1e30 }, /diverged/],
  ])("info-koopman: %j", async (parameters, message) => {
    expect(await failure(infoKoopman, { data: await simulated() }, { ...small, ...parameters })).toMatch(message)
  })
  it("states that aren't numbers, or don't vary, or are none", async () => {
    const lost = of([1, 2, 3, Number.NaN, 5, 6, 7, 8], 4, 2)
    const still = of([1, 2, 1, 3, 1, 6, 1, 8], 4, 2)
    const info = { ...small, window: 3, k: 1 }
    for (const [stage, parameters] of [
      [infoKoopman, info],
      [ridgeEdmd, {}],
    ] as const) {
      expect(await failure(stage, { data: lost }, parameters)).toContain("state 1 of trajectory 0 holds NaN")
      expect(await failure(stage, { data: still }, parameters)).toContain("feature 0 of the states doesn't vary")
      expect(await failure(stage, { data: of([], 2, 2) }, parameters)).toContain("there are no trajectories")
    }
    expect(await failure(ridgeEdmd, { data: of([1, 2, 3, 4], 1, 2) }, {})).toContain("has 1 states, 2 are needed")
    expect(await failure(ridgeEdmd, { data: lost }, { ridge: 0 })).toMatch(/greater than 0/)
  })
  it("a model and data that don't fit", async () => {
    const data = linear([0.9, -0.2, 0.3, 0.95], 6, 12)
    const { model } = (await run(ridgeEdmd, { data })).outputs
    expect(await failure(evaluateKoopman, { model, data }, {})).toContain("has 12 states, 41 are needed")
    const wide = of(
      Array.from({ length: 36 }, (_, i) => Math.sin(i)),
      6,
      3,
    )
    expect(await failure(evaluateKoopman, { model, data: wide }, { horizon: 5 })).toContain(
      "states have 3 features, the model wants 2",
    )
    expect(await failure(evaluateKoopman, { model, data }, { horizon: 5, coordinates: [0, 2] })).toContain(
      "no coordinate 2",
    )
    const collapsed = {
      ...model,
      dictionary: "linear",
      latents: 2,
      centres: new Float64Array(0),
      operator: Float64Array.of(1, 0, 0, 1),
      deviation: Float64Array.of(1e30, 1e30),
    }
    expect(
      await failure(
        evaluateKoopman,
        {
          model: collapsed,
          data: of(
            Array.from({ length: 12 }, () => 1),
            6,
            2,
          ),
        },
        { horizon: 5 },
      ),
    ).toContain("DegenerateLatent")
  })
})
