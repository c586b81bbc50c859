/** `relent schema`: JSON Schemas, for editors and for readers of `--json`. */
import { RunEvent } from "@relent/runtime"
import { PipelineDocument, Stages } from "@relent/stage"
import { SuiteDocument } from "@relent/suite"
import { Effect, Schema } from "effect"
import { perform } from "../application.ts"
import { ClaimJudged } from "../claim.ts"
import { type Arguments, exitCode } from "../command.ts"
import { oneOf } from "../mistake.ts"
import { type JsonSchema, parametersOf } from "../parameters.ts"

const schemas: { readonly [name: string]: Schema.Top } = {
  pipeline: PipelineDocument,
  suite: SuiteDocument,
  event: Schema.Union([RunEvent, ClaimJudged]).annotate({ title: "a line of --json" }),
}

/** What each known stage takes by `with`. A parameter that is required may come from the sweep. */
const stageRules = Effect.gen(function* () {
  const stages = yield* Stages
  const plugins = yield* stages.plugins
  const ids = plugins.flatMap((plugin) => Object.keys(plugin.stages).map((stage) => `${plugin.name}/${stage}`))
  return yield* Effect.forEach(ids, (id) =>
    Effect.map(stages.find(id), (stage) => {
      const { required: _, ...parameters } = parametersOf(stage)
      return {
        if: { properties: { stage: { const: id } }, required: ["stage"] },
        // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema; what a schema defines elsewhere is left to the check of the run.
        then: JSON.stringify(parameters).includes("$ref") ? {} : { properties: { with: parameters } },
      }
    }),
  )
}).pipe(Effect.orDie)

const withStages = (root: JsonSchema, rules: ReadonlyArray<unknown>): JsonSchema => {
  const stages = root.properties!["stages"]!
  const step = { ...(stages["additionalProperties"] as JsonSchema), allOf: rules }
  return { ...root, properties: { ...root.properties, stages: { ...stages, additionalProperties: step } } }
}

export const schemaCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const name = given.positionals[0] ?? "pipeline"
      yield* oneOf("schema", name, Object.keys(schemas))
      const { schema, definitions } = Schema.toJsonSchemaDocument(schemas[name]!, { onExcessProperty: "error" })
      const root = name === "pipeline" ? withStages(schema, yield* stageRules) : schema
      const dialect = "https://json-schema.org/draft/2020-12/schema"
      console.log(JSON.stringify({ $schema: dialect, ...root, $defs: definitions }, undefined, 2))
      return exitCode.done
    }),
    given,
  )
