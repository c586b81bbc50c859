/** `relent schema`: JSON Schemas, for editors and for readers of `--json`. */
import { suggest } from "@relent/named"
import { RunEvent } from "@relent/runtime"
import { PipelineDocument } from "@relent/stage"
import { SuiteDocument } from "@relent/suite"
import { Schema } from "effect"
import { ClaimJudged } from "../claim.ts"
import { type Arguments, exitCode } from "../command.ts"

const schemas: { readonly [name: string]: Schema.Top } = {
  pipeline: PipelineDocument,
  suite: SuiteDocument,
  event: Schema.Union([RunEvent, ClaimJudged]).annotate({ title: "a line of --json" }),
}

export const schemaCommand = async (given: Arguments): Promise<number> => {
  const name = given.positionals[0] ?? "pipeline"
  const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined
  if (schema === undefined) {
    console.error(`'${name}': ${suggest(name, Object.keys(schemas), "schema")}`)
    return exitCode.user
  }
  const { schema: root, definitions } = Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" })
  console.log(
    JSON.stringify(
      { $schema: "https://json-schema.org/draft/2020-12/schema", ...root, $defs: definitions },
      undefined,
      2,
    ),
  )
  return exitCode.done
}
