/** What a step draws, all on the host: updates of the critics one after the other, then one of the generator. */
import { tensorValue } from "@relent/arrow"
import { type Batch, type Features, inputsOf, type Inputs, normals, uniforms } from "@relent/nn"
import type { Source } from "@relent/random"
import { branch } from "@relent/tensor"
import { type Levels, levelAt } from "../edm/levels.ts"

export interface Draws {
  readonly dimension: number
  /** Rows a member and update. */
  readonly batch: number
  /** Updates of the critics in a step. */
  readonly critics: number
  readonly levels: Levels
  /** Levels that ratios are compared within. */
  readonly bins: number
  readonly random: Source
  /** What a discriminator knows as real; without one there are none. */
  readonly data: Features | undefined
}

/** The bins of equal width in sigma as one-hot rows, `[members, rows, bins]`. */
export const oneHotLevels = (sigma: Float32Array, { min, max }: Levels, bins: number): Float32Array => {
  const out = new Float32Array(sigma.length * bins)
  sigma.forEach((s, i) => {
    const bin = Math.floor((bins * (s - min)) / (max - min))
    out[i * bins + Math.min(bins - 1, Math.max(0, bin))] = 1
  })
  return out
}

/** Rows of an update: the part of the step's batch that is its own, member by member. */
const part = ({ members, size, rows, step }: Batch, batch: number, turn: number): Batch => {
  const own = new Int32Array(members * batch)
  for (let m = 0; m < members; m++)
    own.set(rows.subarray(m * size + turn * batch, m * size + (turn + 1) * batch), m * batch)
  return { step, members, size: batch, rows: own }
}

/**
 * Of each update: `z` of the generator, `noise` and `sigma` of what it makes. Of the critics also `real`, with `realNoise` and
 * `realSigma` of their own; of the generator also `level`. Levels of noise are uniform in sigma^(1/7).
 *
 * @reference yin2024improved
 */
export const drawn = (whole: Batch, { dimension, batch, critics, levels, bins, random, data }: Draws): Inputs => {
  const { members, step } = whole
  const draw = { random, members }
  const sigma = (purpose: string, turn: number) =>
    uniforms(draw, [batch, 1], (u) => levelAt(u, levels), purpose, step, turn)
  const points = (purpose: string, turn: number) => normals(draw, [batch, dimension], purpose, step, turn)
  const shared = (turn: number) => ({ z: points("z", turn), noise: points("noise", turn), sigma: sigma("sigma", turn) })
  const critic = (turn: number): Inputs => ({
    ...shared(turn),
    ...(data && {
      real: inputsOf(data, part(whole, batch, turn)),
      realNoise: points("realNoise", turn),
      realSigma: sigma("realSigma", turn),
    }),
  })
  const own = shared(critics)
  const level = tensorValue("float32", oneHotLevels(own.sigma.values, levels, bins), [members, batch, bins])
  const turns = Array.from({ length: critics }, (_, turn) => branch(`critic${turn}`, critic(turn)))
  return Object.assign({}, ...turns, branch("generator", { ...own, level })) as Inputs
}
