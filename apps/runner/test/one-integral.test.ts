/** A divergence given by name is the same integral in a distillation loss, a policy's penalty and a generator's weight. */
import { Loss } from "@relent/distillation/loss/loss"
import { losses } from "@relent/distillation/loss/index"
import { Names } from "@relent/named"
import { weightsOf } from "@relent/one-step-diffusion/exact/gradient"
import { exactDistill } from "@relent/one-step-diffusion/exact-distill"
import { klRl } from "@relent/rlhf/kl-rl"
import { Rewards, Tabular } from "@relent/sequence"
import { runStage } from "@relent/stage/testing"
import { Backend, Tensors, tf } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"

const target = [0.7, 0.2, 0.1]
const model = [0.2, 0.3, 0.5]
const sum = (term: (p: number, q: number) => number) => target.reduce((total, p, i) => total + term(p, model[i]!), 0)

/** By definition, the target first; the two distributions are chosen so that no two of these are near each other. */
const known = {
  kl: sum((p, q) => p * Math.log(p / q)),
  "reverse-kl": sum((p, q) => q * Math.log(q / p)),
  "pearson-chi2": sum((p, q) => (p - q) ** 2 / q),
}

const noRegistry = Effect.provideService(Names, { find: (_, name) => Effect.fail(`'${name}' is in no registry`) })

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
    Backend.use((b) => b.run(Effect.scoped(program))).pipe(noRegistry, Effect.provide(Backend.wasm)),
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
  const { metrics } = await Effect.runPromise(runStage(klRl, { inputs, parameters }))
  return -metrics[0]!["objective"]
}

/** From the generator's weight h(s) = s^2 f''(s): f(u) is the integral of (u - s) h(s) / s^2 from 1 to u, by Simpson in log s. */
const inWeight = async (divergence: string): Promise<number> => {
  const decoded = await Effect.runPromise(
    Schema.decodeUnknownEffect(exactDistill.schema)({ divergence }).pipe(noRegistry),
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

describe.each(Object.entries(known))("%s", (name, value) => {
  it("is one integral in kd, in the penalty of kl-rl and in the weight of a one-step generator", async () => {
    expect(await inKd(name)).toBeCloseTo(value, 6) // float32
    expect(await inPenalty(name)).toBeCloseTo(value, 12)
    expect(await inWeight(name)).toBeCloseTo(value, 9)
  })
})
