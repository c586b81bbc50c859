/** A model as it crosses a port: weights by path, architecture in the header. */
import { objectCodec, type Parameters, TableMismatch } from "@relent/arrow"
import { Schema } from "effect"
import { activationNames } from "./activation.ts"
import type { Input } from "./features.ts"
import type { MlpShape } from "./mlp.ts"

export interface Mlp extends MlpShape {
  readonly kind: "mlp"
  readonly input: Input
  readonly parameters: Parameters
}
export type Model = Mlp

const count = Schema.Int.check(Schema.isGreaterThan(0))
const Header = Schema.Struct({
  widths: Schema.Array(count).check(Schema.isMinLength(2)),
  members: count,
  activation: Schema.Literals(activationNames),
  input: Schema.Struct({ dtype: Schema.Literals(["uint8", "float32"]), scale: Schema.Finite }),
})

/** What is wrong with the tensors of a model of this shape, if anything. */
const misfit = ({ widths, members }: MlpShape, parameters: Parameters): string | undefined => {
  for (const [l, outputs] of widths.slice(1).entries())
    for (const [name, rows] of [
      ["weight", widths[l]!],
      ["bias", 1],
    ] as const) {
      const path = `layers/${l}/${name}`
      const found = parameters[path]
      if (found === undefined) return `there is no tensor '${path}'`
      const wanted = [members, rows, outputs].join(", ")
      if (found.dtype !== "float32" || found.shape.join(", ") !== wanted)
        return `tensor '${path}' is ${found.dtype} [${found.shape.join(", ")}], wanted float32 [${wanted}]`
    }
  return undefined
}

export const Model = objectCodec<Model>()("nn/model", 1, {
  mlp: {
    header: Header,
    decode: (header: typeof Header.Type, parameters) => {
      const problem = misfit(header, parameters)
      if (problem !== undefined) throw new TableMismatch({ schema: "nn/model", problems: [problem] })
      return { kind: "mlp", ...header, parameters }
    },
    encode: ({ widths, members, activation, input, parameters }) => [
      { widths, members, activation, input },
      parameters,
    ],
  },
})

/** The model in a table, e.g. a file of the store read with `decodeTable`. */
export const loadModel = Model.decode
