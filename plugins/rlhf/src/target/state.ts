/** Where f-DPG stands: what a checkpoint holds. */
import { objectCodec, type Parameters, tensorValue } from "@relent/arrow"
import type { Descent } from "@relent/nn/float64"
import { Schema } from "effect"
import type { Partition } from "./partition.ts"

export interface Dpg {
  readonly kind: "f-dpg"
  readonly descent: Descent
  readonly partition: Partition
  /** The last pseudo-rewards. */
  readonly window: Float64Array
  /** Parameters of the proposal; empty where the policy draws for itself. */
  readonly proposal: Float64Array
  /** Estimates of KL(target || policy) and KL(target || proposal) of the last steps, one behind the other. */
  readonly estimates: Float64Array
}

export const Dpg = objectCodec<Dpg>()("rlhf/f-dpg-state", 1, {
  "f-dpg": {
    header: Schema.Struct({}),
    decode: (_: {}, tensors: Parameters) => {
      const at = (path: string) => tensors[path]!.values as Float64Array
      return {
        kind: "f-dpg",
        descent: { kind: "adam", parameters: at("parameters"), mean: at("mean"), square: at("square") },
        partition: { logSums: at("logSums"), counts: at("counts") },
        window: at("window"),
        proposal: at("proposal"),
        estimates: at("estimates"),
      }
    },
    encode: ({ descent, partition, window, proposal, estimates }) => {
      const { parameters, mean, square } = descent
      const all = { parameters, mean, square, ...partition, window, proposal, estimates }
      return [
        {},
        Object.fromEntries(Object.entries(all).map(([path, values]) => [path, tensorValue("float64", values)])),
      ]
    },
  },
})

/** The last `size` of some numbers and of more. */
export const lastOf = (size: number, ...parts: ReadonlyArray<Float64Array>): Float64Array => {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all.length > size ? all.slice(all.length - size) : all
}
