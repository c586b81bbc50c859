/** The networks of a distillation: the student, the denoiser of its samples, a discriminator. */
import type { Parameters } from "@relent/arrow"
import { type Activation, applyMlp, initMlp, type MlpShape } from "@relent/nn"
import type { Source } from "@relent/random"
import { branch, type Tensor, tf, type Tree } from "@relent/tensor"
import type { Denoiser } from "../distribution.ts"
import {
  dimensionOf,
  edmShape,
  type EdmShape,
  initEdm,
  type PerceptronShape,
  type Preconditioning,
  seen,
} from "../edm/network.ts"
import type { Generator } from "../generate.ts"
import type { IsotropicMixture } from "../isotropic-mixture.ts"
import { repeated } from "../training.ts"

export interface NetworkOptions {
  readonly members: number
  readonly activation: Activation
  /** Hidden widths of the student and of its denoiser, where there is no teacher's network to start from. */
  readonly hidden: ReadonlyArray<number>
  readonly fakeHidden: ReadonlyArray<number>
  readonly discriminatorHidden: ReadonlyArray<number>
  /** The level at which a copy of the teacher generates. */
  readonly sigmaStart: number
  /** Standard deviation of the teacher's samples, where its network doesn't say it. */
  readonly dataDeviation: number
}

export interface Networks {
  readonly student: Generator
  readonly fake: EdmShape
  readonly discriminator: PerceptronShape
  readonly start: Parameters
}

/** A source of its own for a network, so that two of one shape don't start alike. */
const apart =
  (name: string, random: Source): Source =>
  (purpose, ...counters) =>
    random(`${name}/${purpose}`, ...counters)

/** The shape of a discriminator: it sees what a denoiser sees, and gives one number. */
const discriminatorShape = (
  dimension: number,
  { discriminatorHidden, ...options }: NetworkOptions,
  dataDeviation: number,
): PerceptronShape => {
  const { widths, ...shape } = edmShape({ ...options, dimension, hidden: discriminatorHidden, dataDeviation })
  return { members: shape.members, activation: shape.activation, dataDeviation, widths: [...widths.slice(0, -1), 1] }
}

/** Logits `[members, batch]` of noisy points: log p / q, when real points are 1 and it is well trained. */
export const discriminate = (shape: MlpShape, tree: Tree, x: Tensor, level: Preconditioning): Tensor =>
  tf.squeeze(applyMlp(shape, tree, seen(x, level)), [-1])

/**
 * Student and fake denoiser begin as copies of a teacher that is a network: G(z) = D(s z, s) with its weights. Of a mixture there is
 * nothing to copy: a plain network F(z), and a denoiser from scratch.
 *
 * @reference yin2024improved
 */
export const networksOf = (teacher: IsotropicMixture | Denoiser, options: NetworkOptions, random: Source): Networks => {
  const { members, activation, hidden, fakeHidden, sigmaStart } = options
  const isNetwork = teacher.kind === "denoiser"
  const dimension = isNetwork ? dimensionOf(teacher) : teacher.dimension
  const dataDeviation = isNetwork ? teacher.dataDeviation : options.dataDeviation
  const discriminator = discriminatorShape(dimension, options, dataDeviation)
  const judge = branch("discriminator", initMlp(discriminator, apart("discriminator", random)))
  if (isNetwork) {
    const { kind: _, parameters: __, ...own } = teacher
    const shape: EdmShape = { ...own, members }
    const copy = repeated(teacher.parameters, teacher.members, members)
    const start = { ...branch("student", copy), ...branch("fake", copy), ...judge }
    return { student: { kind: "one-step-denoiser", ...shape, sigma: sigmaStart }, fake: shape, discriminator, start }
  }
  const plain: MlpShape = { widths: [dimension, ...hidden, dimension], activation, members }
  const fake = edmShape({ dimension, hidden: fakeHidden, activation, members, dataDeviation })
  const start = {
    ...branch("student", initMlp(plain, random)),
    ...branch("fake", initEdm(fake, apart("fake", random))),
    ...judge,
  }
  return { student: { kind: "one-step-mlp", ...plain }, fake, discriminator, start }
}
