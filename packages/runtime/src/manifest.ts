/** The manifest of a run: what it used, what it produced, and what it took from the cache. */
import { Schema } from "effect"

/** What a key was made of, as it is kept. */
export const KeyPartsSchema = Schema.Struct({
  stage: Schema.String,
  code: Schema.String,
  parameters: Schema.Unknown,
  named: Schema.Record(Schema.String, Schema.String),
  inputs: Schema.Record(Schema.String, Schema.Array(Schema.String)),
  sources: Schema.Record(Schema.String, Schema.String),
  draws: Schema.optionalKey(Schema.Struct({ seed: Schema.Int, stream: Schema.String })),
  numerics: Schema.String,
})

/** The key of a result, or the address of a table. It becomes a path: nothing else may stand there. */
export const Digest = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))

/** Output tables by port: root digest and rows. */
export const OutputsSchema = Schema.Record(Schema.String, Schema.Struct({ digest: Digest, rows: Schema.Int }))

const ManifestStep = Schema.Struct({
  id: Schema.String,
  stage: Schema.String,
  key: Digest,
  parts: KeyPartsSchema,
  status: Schema.Literals(["computed", "cached"]),
  /** What computing it took; of a cached step, when it was computed. */
  milliseconds: Schema.Finite,
  /** The tables that each input was given. */
  inputs: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.Array(Schema.Struct({ step: Schema.String, port: Schema.String }))),
  ),
  at: Schema.Record(Schema.String, Schema.Unknown),
  outputs: OutputsSchema,
})

export const Manifest = Schema.Struct({
  version: Schema.Literal(1),
  run: Schema.String,
  pipeline: Schema.String,
  seed: Schema.Int,
  /** Where the pipeline was written, if it was a document. */
  file: Schema.optionalKey(Schema.String),
  /** What the run was for, as whoever started it says: of a suite, its name and size. */
  labels: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  started: Schema.String,
  milliseconds: Schema.Finite,
  status: Schema.Literals(["finished", "failed", "interrupted"]),
  steps: Schema.Array(ManifestStep),
  /** The pipeline's outputs: step and port. */
  outputs: Schema.Record(Schema.String, Schema.Struct({ step: Schema.String, port: Schema.String })),
})
export type Manifest = typeof Manifest.Type
export type ManifestStep = Manifest["steps"][number]
