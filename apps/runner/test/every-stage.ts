/** Every stage that comes with relent, and all values that parameters choose by name. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { members } from "@relent/divergence"
import { isNamed, type Member, type Named } from "@relent/named"
import { optimizers, schedules } from "@relent/nn"
import { type AnyStage, type PipelineDocument, type Plugin, stack } from "@relent/stage"
import { parse } from "yaml"
import type { Choice } from "./mutants.ts"
import { parametersOf } from "../src/parameters.ts"
import { builtIn } from "../src/plugins.ts"

const plugins: ReadonlyArray<Plugin> = await Promise.all([...builtIn.values()].map(({ load }) => load()))
const loaded = await Promise.all(plugins.flatMap(({ stages }) => Object.values(stages).map((load) => load())))
const values = (await Promise.all(plugins.map((plugin) => plugin.values()))).flat()

/** By their ids. */
export const everyStage: ReadonlyArray<AnyStage> = [...loaded, stack]

const folders = plugins.map(({ module }) => join(dirname(fileURLToPath(module)), "../pipelines"))
const documents = folders.filter(existsSync).flatMap((folder) => {
  const names = readdirSync(folder).filter((name) => name.endsWith(".yaml"))
  return names.map((name) => parse(readFileSync(join(folder, name), "utf8")) as PipelineDocument)
})
const uses = documents.flatMap(({ stages }) => Object.values(stages))

/** What pipelines of the plugins give a stage as its parameters. */
export const usesOf = ({ id }: AnyStage): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  uses.flatMap((use) => (use.stage === id && use.with !== undefined ? [use.with] : []))

/** A choice of one kind, and the module that defines what is chosen. */
export interface Defined extends Choice {
  readonly kind: string
  readonly module: string
}

/** A divergence, as its spelling has it. */
const divergences = members.map(({ spelling, origin: { kind, module } }): Defined => {
  if (typeof spelling === "string") return { spelling, kind, module }
  const properties = Object.fromEntries(Object.keys(spelling).map((name) => [name, { type: "number" }]))
  return { spelling, kind, module, fields: { type: "object", properties, required: Object.keys(spelling) } }
})

/** A value of a registry, a member of a family with the schema of its parameters. */
const choiceOf = ({ kind, name, value, module }: Named<unknown>): Defined => {
  const { schema } = (value ?? {}) as Partial<Member<unknown>>
  if (schema === undefined) return { spelling: name, kind, module }
  const { fields = {} } = schema as { readonly fields?: object }
  return {
    spelling: name,
    kind,
    module,
    fields: parametersOf({ schema, definition: { parameters: fields } } as AnyStage),
  }
}

export const everyChoice: ReadonlyArray<Defined> = [
  ...divergences,
  ...[...optimizers, ...schedules, ...values].filter(isNamed).map(choiceOf),
]
