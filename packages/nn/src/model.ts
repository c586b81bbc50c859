/** A model as it crosses a port: weights by path, architecture in the header. */
import { type Kind, objectCodec, type Parameters, TableMismatch } from "@relent/arrow"
import { Schema } from "effect"
import { type Architecture, count, type Row } from "./architecture/architecture.ts"
import { cnn, type CnnShape } from "./architecture/cnn.ts"
import { mlp, type MlpShape } from "./architecture/mlp.ts"
import { segmenter, type SegmenterShape } from "./architecture/segmenter.ts"
import { transformer, type TransformerShape } from "./architecture/transformer.ts"
import { unet, type UnetShape } from "./architecture/unet.ts"
import type { Input } from "./features.ts"
import { misfit } from "./layer/plan.ts"

export interface Mlp extends MlpShape {
  readonly kind: "mlp"
  readonly input: Input
  readonly parameters: Parameters
}
export interface Cnn extends CnnShape {
  readonly kind: "cnn"
  readonly input: Input
  readonly parameters: Parameters
}
/** Its inputs are ids of tokens. */
export interface Transformer extends TransformerShape {
  readonly kind: "transformer"
  readonly parameters: Parameters
}
/** A row of its inputs is an image and then its time. */
export interface Unet extends UnetShape {
  readonly kind: "unet"
  readonly input: Input
  readonly parameters: Parameters
}
/** A row of its inputs is an image; it gives logits of every pixel. */
export interface Segmenter extends SegmenterShape {
  readonly kind: "segmenter"
  readonly input: Input
  readonly parameters: Parameters
}
export type Model = Mlp | Cnn | Transformer | Unet | Segmenter

const architectures = { mlp, cnn, transformer, unet, segmenter }

/** How a model is built; a shape is written once, there. */
export const architectureOf = ({ kind }: Model): Architecture<any> => architectures[kind]

/** The numbers of a row that goes in, of what a member gives for it, and of the multiplications in between. */
export const rowOf = (model: Model): Row => architectureOf(model).row(model)

const input = { input: Schema.Struct({ dtype: Schema.Literals(["uint8", "float32"]), scale: Schema.Finite }) }

const kind = <M extends Model>(name: M["kind"], more: Schema.Struct.Fields): Kind<any, M> => {
  const { fields, layers }: Architecture<any> = architectures[name]
  return {
    header: Schema.Struct({ ...fields, members: count, ...more }) as Schema.Codec<any>,
    decode: (header: Omit<M, "kind" | "parameters">, parameters) => {
      const problem = misfit(layers(header), header.members, parameters)
      if (problem !== undefined) throw new TableMismatch({ schema: "nn/model", problems: [problem] })
      return { kind: name, ...header, parameters } as unknown as M
    },
    // What isn't a field of the header is left out when it is written.
    encode: (model) => [model, model.parameters],
  }
}

export const Model = objectCodec<Model>()("nn/model", 1, {
  mlp: kind<Mlp>("mlp", input),
  cnn: kind<Cnn>("cnn", input),
  transformer: kind<Transformer>("transformer", {}),
  unet: kind<Unet>("unet", input),
  segmenter: kind<Segmenter>("segmenter", input),
})

/** The model in a table, e.g. a file of the store read with `decodeTable`. */
export const loadModel = Model.decode
