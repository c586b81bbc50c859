/** `relent stages`: all stages, or one with its ports and parameters. */
import { type Columns, show } from "@relent/arrow"
import { type AnyStage, type InputPort, type OutputPort, Stages } from "@relent/stage"
import { Effect, Schema } from "effect"
import { Mistake, perform } from "../application.ts"
import { type Arguments, exitCode } from "../command.ts"
import { paint, tableText } from "../terminal.ts"

type Port = InputPort | OutputPort

const columnsText = (columns: Columns) =>
  Object.entries(columns)
    .map(([name, column]) => `${name}: ${show(column)}`)
    .join(", ")

const and = (word: string, columns: Columns) =>
  Object.keys(columns).length > 0 ? ` ${word} ${columnsText(columns)}` : ""

const portText = (port: Port): string => {
  if (!("port" in port))
    return port.kinds ? `${port.name} (${port.kinds.join(", ")})` : `${port.name} {${columnsText(port.columns)}}`
  switch (port.port) {
    case "any":
      return `any table${and("with", port.need as Columns)}`
    case "like":
      return `as its input '${port.as}'${and("and", port.added as Columns)}`
    case "computed":
      return "columns that follow from inputs and parameters"
    case "optional":
      return `optional ${portText(port.of)}`
    case "many":
      return `list of ${portText(port.of)}`
    case "batches":
      return `batches of ${portText(port.of)}`
  }
}

interface JsonSchema {
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: ReadonlyArray<string>
  readonly description?: string
  readonly type?: string
  readonly [key: string]: unknown
}

const parametersOf = (stage: AnyStage): JsonSchema => {
  try {
    return Schema.toJsonSchemaDocument(stage.schema as never, { onExcessProperty: "error" }).schema
  } catch {
    return { properties: Object.fromEntries(Object.keys(stage.definition.parameters).map((name) => [name, {}])) }
  }
}

const describe = (stage: AnyStage): string => {
  const { definition, id, outputs } = stage
  const { properties = {}, required = [] } = parametersOf(stage)
  const parameters = Object.entries(properties).map(([name, p]) => [
    name,
    required.includes(name) ? "required" : "",
    p.type ?? "",
    p.description ?? "",
  ])
  const ports = (given: Readonly<Record<string, Port>>) =>
    Object.entries(given).map(([name, port]) => `  ${name}: ${portText(port)}`)
  return [
    `${paint("bold", id)}  ${definition.title}`,
    ...(definition.inputs ? ["in", ...ports(definition.inputs)] : []),
    "out",
    ...ports(outputs),
    ...(parameters.length > 0
      ? ["with", tableText(["parameter", "", "type", "about"], parameters).replaceAll(/^/gm, "  ")]
      : []),
  ].join("\n")
}

export const stagesCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const [name] = given.positionals
      const stages = yield* Stages
      const orMistake = Effect.mapError((message: string) => new Mistake({ message }))
      if (name !== undefined) {
        const stage = yield* orMistake(stages.find(name))
        console.log(
          given.options["json"] === true
            ? JSON.stringify({ id: stage.id, title: stage.definition.title, parameters: parametersOf(stage) })
            : describe(stage),
        )
        return exitCode.done
      }
      const plugins = yield* orMistake(stages.plugins)
      const ids = plugins.flatMap((plugin) => Object.keys(plugin.stages).map((stage) => `${plugin.name}/${stage}`))
      const all = yield* Effect.forEach(ids, (id) => orMistake(stages.find(id)))
      const rows = all.map((stage) => [stage.id, stage.definition.title])
      console.log(given.options["json"] === true ? JSON.stringify(rows) : tableText(["stage", "what it does"], rows))
      return exitCode.done
    }),
    given,
  )
