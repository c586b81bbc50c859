/**
 * A divergence given by name is the same integral in a distillation loss, in a policy's penalty, preferences and pseudo-rewards, and in
 * the weight of a one-step generator; so is a generator of the user's.
 */
import { Loss } from "@relent/distillation/loss/loss"
import { losses } from "@relent/distillation/loss/index"
import { Divergence } from "@relent/divergence"
import { Names } from "@relent/named"
import { weightsOf } from "@relent/one-step-diffusion/exact/gradient"
import { exactDistill } from "@relent/one-step-diffusion/exact-distill"
import { fDpg } from "@relent/rlhf/f-dpg"
import { fDpo } from "@relent/rlhf/f-dpo"
import { klRl } from "@relent/rlhf/kl-rl"
import { pairLosses, pairMetrics } from "@relent/rlhf/preference/pair-loss"
import { pseudoRewards } from "@relent/rlhf/target/pseudo-reward"
import { Rewards, Tabular } from "@relent/sequence"
import { runStage } from "@relent/stage/testing"
import { Backend, Tensors, tf } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"

const target = [0.7, 0.2, 0.1]
const model = [0.2, 0.3, 0.5]
const sum = (term: (p: number, q: number) => number) => target.reduce((total, p, i) => total + term(p, model[i]!), 0)

/** A user's: Pearson's and Neyman's together, `(u - 1)^2 (u + 1) / u`. */
const own = Divergence.define(import.meta.url, "mine/symmetric-chi2", 1, {
  f: (u, { add, sub, mul, div, pow }) => div(mul(pow(sub(u, 1), 2), add(u, 1)), u),
})
/** A user's that stays finite where the model gives nothing. */
const leCam = Divergence.define(import.meta.url, "mine/le-cam", 1, {
  f: (u, { add, sub, div, pow }) => div(pow(sub(u, 1), 2), add(u, 1)),
})

/** By definition, the target first; the two distributions are chosen so that no two of these are near each other. */
const known = {
  kl: sum((p, q) => p * Math.log(p / q)),
  "reverse-kl": sum((p, q) => q * Math.log(q / p)),
  "pearson-chi2": sum((p, q) => (p - q) ** 2 / q),
  "mine/symmetric-chi2": sum((p, q) => (p - q) ** 2 / q + (p - q) ** 2 / p),
}

const registry = Effect.provideService(Names, {
  find: (_, name) => {
    const found = [own, leCam].find((member) => member.name === name)
    return found === undefined ? Effect.fail(`'${name}' is in no registry`) : Effect.succeed(found)
  },
})

/** The loss of a student with all weight on the teacher, at temperature 1. */
const inKd = (divergence: string): Promise<number> => {
  const spelling = { kd: { divergence, temperature: 1, hardWeight: 0 } }
  const program = Effect.gen(function* () {
    const loss = yield* Schema.decodeUnknownEffect(Loss.parameter("distillation", () => losses))(spelling)
    const owner = yield* Tensors.scoped
    const value = owner.compute(() =>
      loss.value({
        teacher: tf.tensor3d([[target.map(Math.log)]]),
        student: tf.tensor3d([[model.map(Math.log)]]),
        oneHot: tf.tensor3d([[[1, 0, 0]]]),
      }),
    )
    return (yield* Effect.promise(() => value.data()))[0]!
  })
  return Effect.runPromise(
    Backend.use((b) => b.run(Effect.scoped(program))).pipe(registry, Effect.provide(Backend.wasm)),
  )
}

/** What a policy pays, with beta 1 and nothing to gain: the prior is the target. */
const inPenalty = async (divergence: string): Promise<number> => {
  const inputs = {
    prior: Tabular.fromProbabilities([target]),
    policy: Tabular.fromProbabilities([model]),
    reward: Rewards.make({ context: [0], reward: new Float64Array(3) }),
  }
  const parameters = { divergence, beta: 1, estimator: "exact", steps: 1 }
  const { metrics } = await Effect.runPromise(runStage(klRl, { inputs, parameters, values: [own] }))
  return -metrics[0]!["objective"]
}

/** From the generator's weight h(s) = s^2 f''(s): f(u) is the integral of (u - s) h(s) / s^2 from 1 to u, by Simpson in log s. */
const inWeight = async (divergence: string): Promise<number> => {
  const decoded = await Effect.runPromise(
    Schema.decodeUnknownEffect(exactDistill.schema)({ divergence }).pipe(registry),
  )
  const f = (u: number) => {
    const n = 1000
    const step = Math.log(u) / n
    const logS = Float64Array.from({ length: n + 1 }, (_, i) => i * step)
    const h = weightsOf(decoded, logS, new Float64Array(n + 1))
    const coefficient = (i: number) => (i === 0 || i === n ? 1 : i % 2 === 1 ? 4 : 2)
    return (
      logS.reduce((total, l, i) => total + (coefficient(i) * (u - Math.exp(l)) * h[i]!) / Math.exp(l), 0) * (step / 3)
    )
  }
  return target.reduce((total, p, i) => total + model[i]! * f(p / model[i]!), 0)
}

/** From a link `s(log t) = f*'(t)`, t = model / target: `f*(t)` is the integral of s from 1 to t, by Simpson in log t. */
const fromLinks = (linksAt: (logT: Float64Array) => ArrayLike<number>): number => {
  const n = 1000
  return target.reduce((total, p, i) => {
    const step = Math.log(model[i]! / p) / n
    const logT = Float64Array.from({ length: n + 1 }, (_, k) => k * step)
    const s = linksAt(logT)
    const coefficient = (k: number) => (k === 0 || k === n ? 1 : k % 2 === 1 ? 4 : 2)
    return total + p * logT.reduce((area, l, k) => area + coefficient(k) * s[k]! * Math.exp(l), 0) * (step / 3)
  }, 0)
}

/** What f-DPO takes for the reward of an answer, with beta 1: the link of policy / prior. */
const inPreference = async (divergence: string): Promise<number> => {
  const constraint = await Effect.runPromise(
    Schema.decodeUnknownEffect(fDpo.schema)({ divergence, beta: 1 }).pipe(registry),
  )
  return fromLinks((logT) =>
    Array.from(logT, (l) => {
      const [policy, prior] = [
        { winners: Float64Array.of(l), losers: Float64Array.of(0) },
        { winners: Float64Array.of(0), losers: Float64Array.of(0) },
      ]
      const losses = pairLosses(constraint, policy, prior)
      return pairMetrics(constraint, losses, Float64Array.of(1), policy, prior).chosen_reward
    }),
  )
}

/** What f-DPG pays, turned round: the link of policy / target. */
const inPseudoReward = async (divergence: string): Promise<number> => {
  const decoded = await Effect.runPromise(Schema.decodeUnknownEffect(fDpg.schema)({ divergence }).pipe(registry))
  return fromLinks((logT) => pseudoRewards(decoded.divergence, logT, 0).map((r) => -r))
}

describe.each(Object.entries(known))("%s", (name, value) => {
  it("is one integral in kd, kl-rl, f-dpo, f-dpg and the weight of a one-step generator", async () => {
    expect(await inKd(name)).toBeCloseTo(value, 6) // float32
    expect(await inPenalty(name)).toBeCloseTo(value, 12)
    expect(await inPreference(name)).toBeCloseTo(value, 9)
    expect(await inPseudoReward(name)).toBeCloseTo(value, 9)
    expect(await inWeight(name)).toBeCloseTo(value, 9)
  })
})

it("a divergence that lacks what a loss needs is refused there, with the property's name", async () => {
  const decode = (schema: Schema.Codec<any, any, Names>) =>
    Effect.runPromise(
      Schema.decodeUnknownEffect(schema)({ divergence: "mine/le-cam" }).pipe(
        registry,
        Effect.match({ onSuccess: () => "taken", onFailure: (error) => error.message }),
      ),
    )
  expect(await decode(fDpo.schema)).toContain("'mine/le-cam' doesn't fit: this needs f*'(0) = -infinity")
  for (const { schema } of [fDpg, exactDistill]) expect(await decode(schema)).toBe("taken")
})
