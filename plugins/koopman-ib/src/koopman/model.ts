/** A linear model of dynamics as it crosses a port: how states become latents and back, and the operator between them. */
import { objectCodec, type Parameters, TableMismatch, tensorValue } from "@relent/arrow"
import { activationNames, type Mlp, misfit, mlpPlans } from "@relent/nn"
import { branch, within } from "@relent/tensor"
import { Schema } from "effect"
import { Dictionary } from "./dictionary.ts"
import type { Scale } from "./states.ts"

interface Linear extends Scale {
  readonly features: number
  readonly latents: number
  readonly members: number
  /** `[members, latents, latents]`: `z_{t+1} = z_t K`. */
  readonly operator: Float64Array
}
/** Latents by a network, and states from latents by another. */
export interface Autoencoder extends Linear {
  readonly kind: "autoencoder"
  readonly encoder: Mlp
  readonly decoder: Mlp
}
/** Latents are given functions of the state, the state itself first. */
export interface Lifted extends Linear {
  readonly kind: "dictionary"
  readonly dictionary: Dictionary
  /** Of radial functions, `[centres, features]`. */
  readonly centres: Float64Array
}
export type Koopman = Autoencoder | Lifted

const count = Schema.Int.check(Schema.isGreaterThan(0))
const sizes = { features: count, latents: count, members: count }

const float64 = (parameters: Parameters, path: string, size: number): Float64Array => {
  const { values, dtype } = parameters[path]!
  if (dtype !== "float64" || (size >= 0 && values.length !== size)) {
    const problem = `tensor '${path}' is ${dtype} with ${values.length} elements, wanted float64 with ${size}`
    throw new TableMismatch({ schema: "koopman-ib/koopman", problems: [problem] })
  }
  return values as Float64Array
}

type Header = { readonly features: number; readonly latents: number; readonly members: number }
const linear = ({ features, latents, members }: Header, all: Parameters): Linear => ({
  features,
  latents,
  members,
  mean: float64(all, "mean", features),
  deviation: float64(all, "deviation", features),
  operator: float64(all, "operator", members * latents * latents),
})
const encoded = ({ mean, deviation, operator, members, latents }: Linear): Parameters => ({
  mean: tensorValue("float64", mean),
  deviation: tensorValue("float64", deviation),
  operator: tensorValue("float64", operator, [members, latents, latents]),
})

/** A network of these widths whose inputs are standardised. */
export const network = (shape: Pick<Mlp, "widths" | "members" | "activation">, parameters: Parameters): Mlp => {
  const problem = misfit(mlpPlans(shape), shape.members, parameters)
  if (problem !== undefined) throw new TableMismatch({ schema: "koopman-ib/koopman", problems: [problem] })
  return { kind: "mlp", ...shape, input: { dtype: "float32", scale: 1 }, parameters }
}

export const Koopman = objectCodec<Koopman>()("koopman-ib/koopman", 1, {
  autoencoder: {
    header: Schema.Struct({ ...sizes, hidden: Schema.Array(count), activation: Schema.Literals(activationNames) }),
    decode: ({ hidden, activation, ...header }, all): Autoencoder => {
      const { features, latents, members } = header
      const of = (widths: ReadonlyArray<number>, name: string) =>
        network({ widths, members, activation }, within(name, all))
      return {
        kind: "autoencoder",
        ...linear(header, all),
        encoder: of([features, ...hidden, latents], "encoder"),
        decoder: of([latents, ...hidden.toReversed(), features], "decoder"),
      }
    },
    encode: (model) => {
      const { features, latents, members, encoder, decoder } = model
      const { widths, activation } = encoder
      const networks = { ...branch("encoder", encoder.parameters), ...branch("decoder", decoder.parameters) }
      return [
        { features, latents, members, hidden: widths.slice(1, -1), activation },
        { ...encoded(model), ...networks },
      ]
    },
  },
  dictionary: {
    header: Schema.Struct({ ...sizes, dictionary: Schema.toType(Dictionary) }),
    decode: ({ dictionary, ...header }, all): Lifted => ({
      kind: "dictionary",
      ...linear(header, all),
      dictionary,
      centres: float64(all, "centres", -1),
    }),
    encode: (model) => {
      const { features, latents, members, dictionary, centres } = model
      const own = { centres: tensorValue("float64", centres, [centres.length / features, features]) }
      return [
        { features, latents, members, dictionary },
        { ...encoded(model), ...own },
      ]
    },
  },
})
