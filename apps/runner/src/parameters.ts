/** The parameters of a stage as JSON Schema. */
import type { AnyStage } from "@relent/stage"
import { Schema } from "effect"

export interface JsonSchema {
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: ReadonlyArray<string>
  readonly description?: string
  readonly type?: string
  readonly enum?: ReadonlyArray<unknown>
  readonly items?: JsonSchema
  readonly allOf?: ReadonlyArray<JsonSchema>
  readonly anyOf?: ReadonlyArray<JsonSchema>
  readonly [key: string]: unknown
}

/** What JSON Schema can't say of a parameter is left open. */
export const parametersOf = (stage: AnyStage): JsonSchema => {
  try {
    return Schema.toJsonSchemaDocument(stage.schema as never, { onExcessProperty: "error" }).schema
  } catch {
    return { properties: Object.fromEntries(Object.keys(stage.definition.parameters).map((name) => [name, {}])) }
  }
}
