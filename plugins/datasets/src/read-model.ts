/** A model's weights from a file: one that relent exported, or another tool's. */
import { weightsTable } from "@relent/exchange"
import { Model } from "@relent/nn"
import { Stage, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"

const hint =
  "the file of another tool wants 'kind' and 'header', and tensors by the names and shapes of relent's layers"

/**
 * Reads a model from safetensors. What `relent table REF --export weights.safetensors` wrote says itself what it is; for the file of
 * another tool `kind` and `header` do. Fails where the file is damaged, or its tensors aren't those of the model.
 *
 * @reference huggingface2022safetensors
 */
export const readModel = Stage.make("datasets/read-model", {
  module: import.meta.url,
  title: "A model from a safetensors file",
  parameters: {
    path: Schema.NonEmptyString.annotate({ description: "relative to the document" }),
    kind: Schema.optionalKey(
      Schema.Literals(["mlp", "cnn", "transformer", "unet"]).annotate({ description: "where the file doesn't say" }),
    ),
    header: Schema.optionalKey(
      Schema.Record(Schema.String, Schema.Unknown).annotate({ description: "its sizes, where the file doesn't say" }),
    ),
  },
  sources: ({ path }) => ({ file: { path } }),
  outputs: { model: Model },
  *run({ parameters: { path, kind, header }, sources }) {
    const metadata = {
      ...(kind !== undefined && { "relent:kind": kind }),
      ...(header !== undefined && { "relent:header": JSON.stringify(header) }),
    }
    const bytes = yield* sources["file"]!.bytes
    const told = Effect.mapError(
      ({ message }: { readonly message: string }) => new StageError({ message: `${path}: ${message}`, hint }),
    )
    return { model: yield* told(Effect.flatMap(weightsTable(bytes, metadata), Model.decode)) }
  },
})
