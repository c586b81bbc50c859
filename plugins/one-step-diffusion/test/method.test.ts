/** A step's losses and gradients against the card's formulas, in float64, on the line with linear networks. */
import { Divergence } from "@relent/divergence"
import { makeAdam } from "@relent/nn"
import { source } from "@relent/random"
import { tf, toDevice } from "@relent/tensor"
import { it } from "vitest"
import { drawn } from "../src/f-distill/draws.ts"
import { distillation } from "../src/f-distill/method.ts"
import { networksOf } from "../src/f-distill/networks.ts"
import { makeIsotropicMixture } from "../src/isotropic-mixture.ts"
import { close, read } from "./read.ts"

const [batch, ganWeight, dataDeviation] = [5, 0.7, 0.8]
const random = source({ seed: 3, stream: "method" })
const teacher = makeIsotropicMixture([1], [1.5], [0.5])
const flat = { hidden: [], fakeHidden: [], discriminatorHidden: [], activation: "silu", members: 1 } as const
const networks = networksOf(teacher, { ...flat, sigmaStart: 1, dataDeviation }, random)
const draws = {
  dimension: 1,
  batch,
  critics: 1,
  random,
  data: { values: Float32Array.of(1, 2, 1.2, 0.4, 2.1), width: 1, scale: 1 },
  levels: { min: 0.1, max: 4 },
  bins: 1,
}
const method = distillation({
  divergence: Divergence.reverseKl,
  bounds: { lower: 0.1, upper: 20 },
  ratioEmaRate: undefined,
  scaled: true,
  teacher,
  teacherTree: {},
  networks,
  optimizer: makeAdam(),
  draws,
  needsRatio: false,
  matchingWeight: 1,
  ganWeight,
})
const inputs = drawn({ step: 1, members: 1, size: batch, rows: Int32Array.of(0, 1, 2, 3, 4) }, draws)
const at = (path: string) => [...(inputs[path]!.values as Float32Array)]
const weightsOf = (name: string) => [...(networks.start[`${name}/layers/0/weight`]!.values as Float32Array)]
const mean = (x: ReadonlyArray<number>) => x.reduce((sum, v) => sum + v, 0) / x.length
const softplus = (x: number) => Math.log1p(Math.exp(x))

/** `W (c_in x, c, sin 2c, cos 2c, sin 4c, cos 4c)`; biases begin at 0. */
const linear = (name: string, x: number, sigma: number) => {
  const c = Math.log(sigma) / 4
  const seen = [
    x / Math.hypot(sigma, dataDeviation),
    c,
    Math.sin(2 * c),
    Math.cos(2 * c),
    Math.sin(4 * c),
    Math.cos(4 * c),
  ]
  return weightsOf(name).reduce((sum, w, i) => sum + w * seen[i]!, 0)
}
const fakeGuess = (x: number, sigma: number) => {
  const variance = sigma ** 2 + dataDeviation ** 2
  return (dataDeviation ** 2 * x + sigma * dataDeviation * Math.sqrt(variance) * linear("fake", x, sigma)) / variance
}
const teacherGuess = (x: number, sigma: number) => (0.25 * x + sigma ** 2 * 1.5) / (0.25 + sigma ** 2)
const [slope] = weightsOf("student") as [number]

/** Of one turn, its losses and the gradient by the student's or the discriminator's weights. */
const turn = (index: number, path: string) =>
  read(() => {
    const { loss, gradients } = method.turns[index]!.gradients(toDevice(method.start), toDevice(inputs))
    return tf.concat([tf.reshape(loss, [-1]), tf.reshape(gradients[path]!, [-1])])
  })

it("critics: the fake denoiser and the discriminator see points with their own levels of noise", async () => {
  const [z, noise, sigma, real, realNoise, realSigma] = ["z", "noise", "sigma", "real", "realNoise", "realSigma"].map(
    (name) => at(`critic0/${name}`),
  ) as [number[], number[], number[], number[], number[], number[]]
  const noisy = z.map((v, i) => slope * v + sigma[i]! * noise[i]!)
  const onFake = noisy.map((x, i) => softplus(linear("discriminator", x, sigma[i]!)))
  const onReal = real.map((x, i) =>
    softplus(-linear("discriminator", x + realSigma[i]! * realNoise[i]!, realSigma[i]!)),
  )
  const follows = noisy.map(
    (x, i) => (1 / sigma[i]! ** 2 + 1 / dataDeviation ** 2) * (fakeGuess(x, sigma[i]!) - slope * z[i]!) ** 2,
  )
  close((await turn(0, "discriminator/layers/0/bias")).slice(0, 2), [mean(follows), mean(onFake) + mean(onReal)], 4)
})

it("the generator: g = w (D_F - D_T) by the clean point's distance, and softplus(-C) of the noisy one", async () => {
  const [z, noise, sigma] = ["z", "noise", "sigma"].map((name) => at(`generator/${name}`)) as [
    number[],
    number[],
    number[],
  ]
  const terms = z.map((v, i) => {
    const [x, s] = [slope * v, sigma[i]!]
    const noisy = x + s * noise[i]!
    const away = teacherGuess(noisy, s)
    const pull = (fakeGuess(noisy, s) - away) / (Math.abs(x - away) + 1e-6)
    const logit = linear("discriminator", noisy, s)
    // d softplus(-C) / dx = -sigmoid(-C) dC/dx
    const byX = (-1 / (1 + Math.exp(logit))) * (weightsOf("discriminator")[0]! / Math.hypot(s, dataDeviation))
    return { loss: pull ** 2 / 2 + ganWeight * softplus(-logit), bySlope: (pull + ganWeight * byX) * v }
  })
  const found = await turn(1, "student/layers/0/weight")
  close([found[0]!, found.at(-1)!], [mean(terms.map((t) => t.loss)), mean(terms.map((t) => t.bySlope))], 4)
})
