/** What happens in a run, as it happens: the command's progress, `--json`, and later the report read these. */
import { Schema } from "effect"

const Output = Schema.Struct({
  digest: Schema.String.annotate({ description: "Root digest of the table: its address in the store" }),
  rows: Schema.Int,
})
const Outputs = Schema.Record(Schema.String, Output)
const step = { step: Schema.String.annotate({ description: "Id of the step, with its point of a sweep" }) }
const located = { ...step, stage: Schema.String }

export const RunStarted = Schema.TaggedStruct("RunStarted", {
  run: Schema.String,
  pipeline: Schema.String,
  seed: Schema.Int,
  steps: Schema.Array(Schema.Struct({ id: Schema.String, stage: Schema.String })),
})
export const StepStarted = Schema.TaggedStruct("StepStarted", {
  ...located,
  key: Schema.String,
  resumedAt: Schema.optionalKey(Schema.Int.annotate({ description: "Where a checkpoint lets the stage go on" })),
})
export const StepWaiting = Schema.TaggedStruct("StepWaiting", {
  ...located,
  process: Schema.Int.annotate({ description: "Number of the process that computes meanwhile, or collects garbage" }),
})
export const StepProgress = Schema.TaggedStruct("StepProgress", { ...step, done: Schema.Finite, total: Schema.Finite })
export const StepMetric = Schema.TaggedStruct("StepMetric", {
  ...step,
  row: Schema.Record(Schema.String, Schema.Unknown),
})
export const StepCached = Schema.TaggedStruct("StepCached", { ...located, key: Schema.String, outputs: Outputs })
export const StepFinished = Schema.TaggedStruct("StepFinished", {
  ...located,
  key: Schema.String,
  outputs: Outputs,
  milliseconds: Schema.Finite,
})
export const StepWarning = Schema.TaggedStruct("StepWarning", { ...step, message: Schema.String })
export const StepFailure = Schema.TaggedStruct("StepFailure", {
  ...located,
  message: Schema.String,
  hint: Schema.optionalKey(Schema.String),
})
export const RunFinished = Schema.TaggedStruct("RunFinished", {
  run: Schema.String,
  status: Schema.Literals(["finished", "failed", "interrupted"]),
  computed: Schema.Int,
  cached: Schema.Int,
  milliseconds: Schema.Finite,
})

/** One event; with `--json` one a line. */
export const RunEvent = Schema.Union([
  RunStarted,
  StepWaiting,
  StepStarted,
  StepProgress,
  StepMetric,
  StepCached,
  StepFinished,
  StepWarning,
  StepFailure,
  RunFinished,
]).annotate({ title: "relent run event" })
export type RunEvent = typeof RunEvent.Type
