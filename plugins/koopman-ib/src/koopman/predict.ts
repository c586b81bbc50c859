/** States to latents, on by the operator, and back: standardised states, members one after the other. */
import type { Backend, TensorError } from "@relent/tensor"
import { Effect } from "effect"
import { lift } from "./dictionary.ts"
import type { Koopman } from "./model.ts"
import { applyNetwork } from "./network.ts"
import { advance } from "./operator.ts"

/** Latents `[members, rows, latents]` of standardised states `[rows, features]`. */
export const encode = (
  model: Omit<Koopman, "operator">,
  states: Float32Array,
): Effect.Effect<Float64Array, TensorError, Backend> => {
  const { kind } = model as Koopman
  if (kind === "autoencoder") {
    const { encoder } = model as Extract<Koopman, { kind: "autoencoder" }>
    return Effect.map(applyNetwork(encoder, states, 1), (latents) => Float64Array.from(latents))
  }
  const { dictionary, centres, features } = model as Extract<Koopman, { kind: "dictionary" }>
  return Effect.succeed(lift(dictionary, centres, features, states))
}

/** Standardised states `[members, rows, features]` of latents `[members, rows, latents]`. */
export const decode = (model: Koopman, latents: Float64Array): Effect.Effect<Float64Array, TensorError, Backend> => {
  if (model.kind === "autoencoder")
    return Effect.map(applyNetwork(model.decoder, Float32Array.from(latents), model.members), (x) =>
      Float64Array.from(x),
    )
  const { features, latents: d } = model
  const out = new Float64Array((latents.length / d) * features)
  for (let row = 0; row < latents.length / d; row++)
    out.set(latents.subarray(row * d, row * d + features), row * features)
  return Effect.succeed(out)
}

/** Latents `[members, horizon, rows, latents]` of 1, 2, ... `horizon` steps after latents `[members, rows, latents]`. */
export const rollOut = (model: Koopman, start: Float64Array, horizon: number): Float64Array => {
  const { members, latents: d, operator } = model
  const size = start.length / members
  const out = new Float64Array(members * horizon * size)
  for (let m = 0; m < members; m++) {
    let z = start.subarray(m * size, (m + 1) * size)
    for (let h = 0; h < horizon; h++) {
      z = advance(z, operator.subarray(m * d * d, (m + 1) * d * d))
      out.set(z, (m * horizon + h) * size)
    }
  }
  return out
}
