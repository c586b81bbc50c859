/** The closed form on tensors against that in float64. */
import { tf } from "@relent/tensor"
import { forbidPromotion } from "@relent/tensor/testing"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { betweenGaussians, Divergence } from "../src/index.ts"
import { klBetweenGaussians } from "../src/tensor/index.ts"
import { differences } from "./differences.ts"
import { backends, read } from "./read.ts"

forbidPromotion()
const d = 3
/** Means and log-variances of the target, then of the model. */
type Pair = ReadonlyArray<ReadonlyArray<number>>
const exact = ([mean, logVariance, modelMean, modelLogVariance]: Pair) =>
  betweenGaussians(
    Divergence.kl,
    { mean: mean!, variance: logVariance!.map(Math.exp) },
    { mean: modelMean!, variance: modelLogVariance!.map(Math.exp) },
  )
const numbers = fc.array(
  fc.integer({ min: -200, max: 200 }).map((x) => x / 100),
  { minLength: d, maxLength: d },
)
const pairs = fc.array(fc.tuple(numbers, numbers, numbers, numbers), { minLength: 1, maxLength: 6 })
const zeros = [0, 0, 0]

describe.each(backends)("kl between Gaussians on %s", (_, backend) => {
  const of = (set: ReadonlyArray<Pair>) => {
    const column = (i: number) =>
      tf.tensor(
        set.flatMap((pair) => [...pair[i]!]),
        [set.length, 1, d],
      )
    const target = () => ({ mean: column(0), logVariance: column(1) })
    return read(backend, () => ({
      full: klBetweenGaussians(target(), { mean: column(2), logVariance: column(3) }),
      unit: klBetweenGaussians(target(), { mean: column(2) }),
      centred: klBetweenGaussians(target(), { logVariance: column(3) }),
      standard: klBetweenGaussians(target()),
    }))
  }
  it("is that of float64; a model without mean or variances is standard there", async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async (set) => {
        const found = await of(set)
        set.forEach(([mean, logVariance, modelMean, modelLogVariance], i) => {
          const near = (value: number, model: Pair) => {
            const wanted = exact([mean, logVariance, ...model])
            expect(Math.abs(value - wanted)).toBeLessThan(1e-5 * (1 + wanted))
          }
          near(found.full[i]!, [modelMean, modelLogVariance])
          near(found.unit[i]!, [modelMean, zeros])
          near(found.centred[i]!, [zeros, modelLogVariance])
          near(found.standard[i]!, [zeros, zeros])
        })
      }),
      { numRuns: 30 },
    )
  })
  it("has the gradient of differences, by means and variances of both", async () => {
    const pair = [
      [0.3, -1.2, 0.5],
      [-0.4, 0.2, -1.5],
      [-0.2, 0.4, 1.1],
      [0.6, -0.3, 0.1],
    ]
    const found = await read(backend, () => {
      const slopes = tf.grads((mean, logVariance, modelMean, modelLogVariance) =>
        klBetweenGaussians(
          { mean: mean, logVariance: logVariance },
          { mean: modelMean, logVariance: modelLogVariance },
        ),
      )(pair.map((values) => tf.tensor1d(values)))
      return { slopes: tf.concat(slopes) }
    })
    const wanted = differences(pair.flat(), (x) => exact([0, 1, 2, 3].map((i) => x.slice(d * i, d * (i + 1)))))
    found.slopes.forEach((g, i) => expect(Math.abs(g - wanted[i]!)).toBeLessThan(1e-5))
  })
  it("is 0 of a Gaussian and itself, with a gradient of 0", async () => {
    const { value, slope } = await read(backend, () => {
      const [mean, logVariance] = [tf.tensor1d([5, -3, 0]), tf.tensor1d([4, -6, 0])]
      const model = { mean: tf.clone(mean), logVariance: tf.clone(logVariance) }
      return {
        value: klBetweenGaussians({ mean, logVariance }, model),
        slope: tf.concat(
          tf.grads((m, v) => klBetweenGaussians({ mean: m, logVariance: v }, model))([mean, logVariance]),
        ),
      }
    })
    expect([...value, ...slope].map(Math.abs)).toEqual(Array.from({ length: 7 }, () => 0))
  })
})
