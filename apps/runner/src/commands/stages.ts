/** `relent stages`: all stages, or one with its ports and parameters. */
import { type Columns, show } from "@relent/arrow"
import { type AnyStage, type InputPort, type OutputPort, registry, Stages } from "@relent/stage"
import { Effect, Schema } from "effect"
import { perform } from "../application.ts"
import { Mistake } from "../mistake.ts"
import { type Arguments, exitCode } from "../command.ts"
import { type JsonSchema, parametersOf } from "../parameters.ts"
import { pluginsOf } from "../pipeline.ts"
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

/** `integer > 0`, `constant | cosine`, `list of integer`. */
const typeText = ({ type, enum: all, items, allOf, anyOf, ...bounds }: JsonSchema): string => {
  const alternatives = [anyOf].flat().filter((one) => one !== undefined)
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeText))].join(" | ")
  if (all !== undefined) return all.map(String).join(" | ")
  if (type === "array") return `list of ${items === undefined ? "values" : typeText(items)}`
  const words: ReadonlyArray<readonly [string, string]> = [
    ["exclusiveMinimum", ">"],
    ["minimum", ">="],
    ["exclusiveMaximum", "<"],
    ["maximum", "<="],
  ]
  const limited: JsonSchema = Object.assign({}, bounds, ...(allOf ?? []))
  const limits = words.flatMap(([key, sign]) =>
    typeof limited[key] === "number" && Math.abs(limited[key]) < Number.MAX_SAFE_INTEGER
      ? [`${sign} ${limited[key]}`]
      : [],
  )
  return [type ?? "", ...limits].join(" ").trim()
}

/** Defaults, as a document would spell them: what each parameter becomes when it isn't given. */
const defaultsOf = (stage: AnyStage) =>
  Effect.gen(function* () {
    const found: Record<string, unknown> = {}
    for (const [name, field] of Object.entries(stage.definition.parameters)) {
      const one = Schema.Struct({ [name]: field as Schema.Codec<unknown> })
      const decoded = yield* Effect.result(Schema.decodeUnknownEffect(one)({}))
      if (decoded._tag === "Failure") continue
      const encoded = yield* Effect.result(Schema.encodeEffect(one)(decoded.success))
      // What may be left out and has no default stays away.
      if (encoded._tag === "Success" && encoded.success[name] !== undefined) found[name] = encoded.success[name]
    }
    return found
  })

const spelled = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value))

const describe = (stage: AnyStage, defaults: Readonly<Record<string, unknown>>): string => {
  const { definition, id, outputs } = stage
  const { properties = {}, required = [] } = parametersOf(stage)
  const parameters = Object.entries(properties).map(([name, p]) => [
    name,
    name in defaults ? spelled(defaults[name]) : required.includes(name) ? "required" : "none",
    typeText(p),
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
      ? ["with", tableText(["parameter", "default", "type", "about"], parameters).replaceAll(/^/gm, "  ")]
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
        const { title } = stage.definition
        const defaults = yield* defaultsOf(stage)
        console.log(
          given.options["json"] === true
            ? JSON.stringify({ id: stage.id, title, parameters: parametersOf(stage), defaults })
            : describe(stage, defaults),
        )
        return exitCode.done
      }
      const plugins = yield* orMistake(stages.plugins)
      const ids = plugins.flatMap((plugin) => Object.keys(plugin.stages).map((stage) => `${plugin.name}/${stage}`))
      const all = yield* Effect.forEach(ids, (id) => orMistake(stages.find(id)))
      const rows = all.map(({ id, definition: { title } }) => ({ id, title }))
      console.log(
        given.options["json"] === true
          ? JSON.stringify(rows)
          : tableText(
              ["stage", "what it does"],
              rows.map(({ id, title }) => [id, title]),
            ),
      )
      return exitCode.done
    }).pipe((command) => Effect.flatMap(pluginsOf(given), (plugins) => Effect.provide(command, registry(plugins)))),
    given,
  )
