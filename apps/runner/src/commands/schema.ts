/** `relent schema`: JSON Schemas, for editors and for readers of `--json`. */
import { RunEvent } from "@relent/runtime"
import { PipelineDocument } from "@relent/stage"
import { SuiteDocument } from "@relent/suite"
import { Schema } from "effect"
import { type Arguments, exitCode } from "../command.ts"

const schemas: { readonly [name: string]: Schema.Top } = {
  pipeline: PipelineDocument,
  suite: SuiteDocument,
  event: RunEvent,
}

export const schemaCommand = async (given: Arguments): Promise<number> => {
  const name = given.positionals[0] ?? "pipeline"
  const schema = schemas[name]
  if (schema === undefined) {
    console.error(`there is no schema '${name}'; there is ${Object.keys(schemas).join(", ")}`)
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
