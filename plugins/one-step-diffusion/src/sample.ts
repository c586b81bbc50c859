/** Samples of a distribution. */
import { Count, orElse } from "@relent/named"
import type { Source } from "@relent/random"
import { Stage, StageError } from "@relent/stage"
import { Backend, type Tensor, Tensors, tf, toDevice, type Tree } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { type Denoiser, Distribution, type OneStepDenoiser, type OneStepMlp } from "./distribution.ts"
import { type Combine, heun } from "./edm/heun.ts"
import { descending, type Levels } from "./edm/levels.ts"
import { dimensionOf, isOfImages, preconditioning } from "./edm/network.ts"
import { everywhere, generate, guess } from "./generate.ts"
import { drawPoints, type IsotropicMixture } from "./isotropic-mixture.ts"
import { Samples, samplesOf } from "./tables.ts"
import { inOrder, levels } from "./training.ts"

type Sampled = IsotropicMixture | Denoiser | OneStepDenoiser | OneStepMlp

const combine: Combine<Tensor> = (...terms) =>
  terms.map(([c, x]) => tf.mul(c, x)).reduce((sum, term) => tf.add(sum, term))

/** Points `[members, rows, dimension]` of normal draws of that shape. */
const made = (of: Sampled, tree: Tree, z: Tensor, steps: number, range: Levels): Tensor => {
  if (of.kind === "one-step-denoiser" || of.kind === "one-step-mlp") return generate(of, tree, z)
  const down = descending(steps, range)
  const deviation = of.kind === "denoiser" ? of.dataDeviation : 1
  const at = (x: Tensor, t: number) => preconditioning(everywhere(x, t), deviation)
  // Only the guess of each evaluation is kept: its network's layers are gone before the next.
  return heun(tf.mul(z, down[0]!), down, (x, t) => tf.tidy(() => guess(of, tree, x, at(x, t))), combine)
}

/** Rows at once: so many that a layer of all of them takes some megabytes. */
const rowsAtOnce = (of: Sampled): number => {
  if (of.kind === "isotropic-mixture") return 1000
  const widest = isOfImages(of) ? dimensionOf(of) * Math.max(...of.channels) : Math.max(...of.widths)
  return Math.min(1000, Math.max(1, Math.floor(2e6 / widest)))
}

const sampled = (of: Sampled, rows: number, steps: number, range: Levels, random: Source) =>
  Effect.gen(function* () {
    const owner = yield* Tensors.scoped
    const [members, dimension] = of.kind === "isotropic-mixture" ? [1, of.dimension] : [of.members, dimensionOf(of)]
    const tree = owner.own(of.kind === "isotropic-mixture" ? {} : toDevice(of.parameters))
    const draws = Array.from({ length: members }, (_, m) => random("start", m))
    const out = new Float32Array(members * rows * dimension)
    const most = rowsAtOnce(of)
    for (let from = 0; from < rows; from += most) {
      const size = Math.min(most, rows - from) * dimension
      const x: Tensor = owner.compute(() => {
        const z = tf.stack(draws.map(({ normals }) => tf.tensor2d(normals(size), [size / dimension, dimension])))
        return made(of, tree, z, steps, range)
      })
      const values = yield* Effect.promise(() => x.data())
      owner.release(x)
      for (let m = 0; m < members; m++)
        out.set(values.subarray(m * size, (m + 1) * size), (m * rows + from) * dimension)
      yield* Effect.yieldNow
    }
    return samplesOf(out, members, rows)
  })

/**
 * A generator of one step gives x = G(z). A denoiser is followed from the highest level of noise down to 0 by Heun's method, in
 * `2 steps - 1` evaluations; with one step it is Euler's, and the guess at the highest level. Each member draws by itself.
 *
 * @reference karras2022elucidating
 */
export const sample = Stage.make("one-step-diffusion/sample", {
  module: import.meta.url,
  title: "Samples: of a generator in one step, of a denoiser by Heun's method, of a mixture exactly too",
  uses: ["backend", "random"],
  parameters: Schema.Struct({
    rows: orElse(Count.annotate({ description: "samples of each member" }), 1000),
    steps: orElse(Count.annotate({ description: "of Heun's method; a generator takes one" }), 18),
    ...levels,
    exact: orElse(
      Schema.Boolean.annotate({ description: "draw from a mixture itself, not along its denoiser" }),
      false,
    ),
  }).check(inOrder),
  inputs: { of: Distribution.only("isotropic-mixture", "denoiser", "one-step-denoiser", "one-step-mlp") },
  outputs: { samples: Samples },
  *run({ parameters: { rows, steps, sigmaMin: min, sigmaMax: max, exact }, inputs: { of }, random }) {
    if (exact && of.kind !== "isotropic-mixture")
      return yield* new StageError({ message: `a ${of.kind} can't be drawn from exactly`, hint: "leave out 'exact'" })
    if (exact && of.kind === "isotropic-mixture")
      return { samples: samplesOf(drawPoints(of, rows, random("points")), 1, rows) }
    const backend = yield* Backend
    const samples = yield* backend.run(Effect.scoped(sampled(of, rows, steps, { min, max }, random)))
    const { x } = samples.columns
    const at = x.findIndex((v) => !Number.isFinite(v))
    if (at >= 0)
      return yield* new StageError({
        message: `sample ${Math.floor((at * samples.length) / x.length)} isn't finite`,
        hint: "look at the weights of the network, and at the levels of noise",
      })
    return { samples }
  },
})
