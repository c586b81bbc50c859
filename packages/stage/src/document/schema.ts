/** The shape of a pipeline document. */
import { Schema } from "effect"

const Reference = Schema.String.check(
  Schema.isPattern(/^.+\.[^.]+$/s, { message: "a reference is written step.output" }),
).annotate({ description: "An output of a step above: step.output" })

const Values = Schema.Record(Schema.String, Schema.Unknown)

export const StepDocument = Schema.Struct({
  stage: Schema.optionalKey(Schema.String.annotate({ description: "plugin/stage" })),
  collect: Schema.optionalKey(
    Reference.annotate({
      description: "Instead of a stage: the tables of all points of the sweep, one below the other",
    }),
  ),
  in: Schema.optionalKey(Schema.Record(Schema.String, Schema.Union([Reference, Schema.Array(Reference)]))),
  with: Schema.optionalKey(Values.annotate({ description: "Parameters of the stage" })),
  stream: Schema.optionalKey(Schema.String.annotate({ description: "Steps of one stream see the same draws" })),
  at: Schema.optionalKey(Values.annotate({ description: "The point of a sweep that this step belongs to" })),
}).check(
  Schema.makeFilter(
    (step) => (step.stage === undefined) !== (step.collect === undefined) || "wants either 'stage' or 'collect'",
  ),
)
export type StepDocument = typeof StepDocument.Type

/** Empty before an '@', with one and no point of a sweep behind it, or what no property of an object is named. */
const isOdd = (step: string, isInSweep: boolean) =>
  /^(@|$)/.test(step) || step === "__proto__" || (step.includes("@") && !isInSweep)

/** The name of a document: it becomes the name of files. */
export const DocumentName = Schema.String.check(
  Schema.isPattern(/^[\w][\w .-]*$/, { message: "a name is letters, digits, space, '.', '_', '-'" }),
)

export const PipelineDocument = Schema.Struct({
  name: DocumentName,
  description: Schema.optionalKey(Schema.String),
  seed: Schema.Int,
  plugins: Schema.optionalKey(
    Schema.Array(Schema.String).annotate({
      description: "npm packages, or paths of TypeScript files beside the document",
    }),
  ),
  stages: Schema.Record(Schema.String, StepDocument).check(
    Schema.makeFilter(
      (stages) =>
        !Object.entries(stages).some(([name, { at }]) => isOdd(name, at !== undefined)) ||
        "every step has a name, with an '@' only before its point of a sweep",
    ),
  ),
  over: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.NonEmptyArray(Schema.Unknown)).annotate({
      description:
        "Axes of a sweep: 'seed', or step.with.parameter (several, with commas between, take the same value), and the values",
    }),
  ),
  outputs: Schema.optionalKey(Schema.Record(Schema.String, Reference)),
}).annotate({ title: "relent pipeline" })
export type PipelineDocument = typeof PipelineDocument.Type
