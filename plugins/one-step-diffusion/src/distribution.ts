/** Distributions: what a student is distilled from, and what it is. */
import { objectCodec, type Parameters, TableMismatch, tensorValue } from "@relent/arrow"
import { Count, Positive } from "@relent/named"
import { misfit, mlp, type MlpShape, unet, type UnetShape } from "@relent/nn"
import { Schema } from "effect"
import { type ImageShape, isOfImages, type PerceptronShape } from "./edm/network.ts"
import { type GaussianMixture, makeMixture } from "./gaussian-mixture.ts"
import { type IsotropicMixture, makeIsotropicMixture } from "./isotropic-mixture.ts"

/** A network that guesses the clean point behind a noisy one, preconditioned as in EDM: many steps sample from it. */
export type Denoiser = (PerceptronShape | ImageShape) & {
  readonly kind: "denoiser"
  readonly parameters: Parameters
}
/** A generator `x = D(sigma z, sigma)` of one step, `z ~ N(0, I)`, `D` a denoiser's network. */
export type OneStepDenoiser = (PerceptronShape | ImageShape) & {
  readonly kind: "one-step-denoiser"
  readonly sigma: number
  readonly parameters: Parameters
}
/** A generator `x = F(z)` of one step, a plain network. */
export interface OneStepMlp extends MlpShape {
  readonly kind: "one-step-mlp"
  readonly parameters: Parameters
}

/** A union by what is known of it; a stage that needs a density asks for `Distribution.only("gaussian-mixture")`. */
export type Distribution = GaussianMixture | IsotropicMixture | Denoiser | OneStepDenoiser | OneStepMlp

const perceptron = { ...mlp.fields, members: Count }
/** Of a network of either shape, with what more is known of it. */
const either = (more: Schema.Struct.Fields) =>
  Schema.Union([Schema.Struct({ ...perceptron, ...more }), Schema.Struct({ ...unet.fields, members: Count, ...more })])

const network = <N extends Denoiser | OneStepDenoiser | OneStepMlp>(kind: N["kind"], header: Schema.Top) => ({
  header: header as unknown as Schema.Codec<any>,
  decode: (header: MlpShape | UnetShape, parameters: Parameters): N => {
    const layers = isOfImages(header) ? unet.layers(header) : mlp.layers(header)
    const problem = misfit(layers, header.members, parameters)
    if (problem !== undefined)
      throw new TableMismatch({ schema: "one-step-diffusion/distribution", problems: [problem] })
    return { kind, ...header, parameters } as unknown as N
  },
  encode: (value: N): readonly [N, Parameters] => [value, value.parameters],
})

const columns = ({ weights, means, deviations }: GaussianMixture | IsotropicMixture) => ({
  weights: tensorValue("float64", weights),
  means: tensorValue("float64", means),
  deviations: tensorValue("float64", deviations),
})

export const Distribution = objectCodec<Distribution>()("one-step-diffusion/distribution", 1, {
  "gaussian-mixture": {
    header: Schema.Struct({}),
    decode: (_: {}, { weights, means, deviations }) => makeMixture(weights!.values, means!.values, deviations!.values),
    encode: (mixture) => [{}, columns(mixture)],
  },
  "isotropic-mixture": {
    header: Schema.Struct({}),
    decode: (_: {}, { weights, means, deviations }) =>
      makeIsotropicMixture(weights!.values, means!.values, deviations!.values),
    encode: (mixture) => [{}, columns(mixture)],
  },
  denoiser: network<Denoiser>("denoiser", either({ dataDeviation: Positive })),
  "one-step-denoiser": network<OneStepDenoiser>(
    "one-step-denoiser",
    either({ dataDeviation: Positive, sigma: Positive }),
  ),
  "one-step-mlp": network<OneStepMlp>("one-step-mlp", Schema.Struct(perceptron)),
})
