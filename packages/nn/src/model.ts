/** A model as it crosses a port: weights by path, architecture in the header. */
import { objectCodec, type Parameters } from "@relent/arrow"
import { Schema } from "effect"

export interface Mlp {
  readonly kind: "mlp"
  readonly widths: ReadonlyArray<number>
  readonly members: number
  /** Inputs are multiplied by it: 1/255 for images of bytes. */
  readonly inputScale: number
  readonly parameters: Parameters
}
export type Model = Mlp

const Header = Schema.Struct({
  widths: Schema.Array(Schema.Int),
  members: Schema.Int,
  inputScale: Schema.Finite,
})

export const Model = objectCodec<Model>()("nn/model", 1, {
  mlp: {
    header: Header,
    decode: (header: typeof Header.Type, parameters) => ({ kind: "mlp", ...header, parameters }),
    encode: ({ widths, members, inputScale, parameters }) => [{ widths, members, inputScale }, parameters],
  },
})
