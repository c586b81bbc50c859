/** The check of a pipeline before anything runs; code and documents go through the same one. */
import { bind, type Columns, resolve, type Sizes } from "@relent/arrow"
import { namedIn, type Names, suggest } from "@relent/named"
import { Effect, Schema, SchemaIssue } from "effect"
import type { AnyHandle, Step } from "./handle.ts"
import type { Pipeline } from "./pipeline.ts"
import type { CheckedPipeline, CheckedStep, Facts } from "./plan.ts"
import { type AnyCodec, type AnyTable, type InputPort, isWrapped, type OutputPort } from "./port.ts"
import { PipelineInvalid, type Problem } from "./problem.ts"

/** Adds a problem at a path inside the step that is being checked. */
type Report = (path: Problem["path"], message: string) => void
/** What each input was given, as far as it is known. */
type Given = { readonly [port: string]: ReadonlyArray<Facts> }

const strict = { errors: "all", onExcessProperty: "error" } as const
const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/** What is said of a name that a stage doesn't know. */
const unknownName = (name: string, known: ReadonlyArray<string>, what: string) => {
  const meant = suggest(name, known, what)
  return meant.startsWith("no such") ? meant : `no such ${what}; ${meant}`
}

/** Decoded parameters, or nothing where they are wrong. */
const decodeParameters = Effect.fnUntraced(function* (step: Step, report: Report) {
  const decoded = yield* Effect.result(Schema.decodeUnknownEffect(step.stage.schema)(step.parameters, strict))
  if (decoded._tag === "Success") return decoded.success as CheckedStep["parameters"]
  const known = Object.keys(step.stage.definition.parameters)
  for (const { path = [], message } of issuesOf(decoded.failure.issue).issues) {
    const [first, ...rest] = path as ReadonlyArray<PropertyKey>
    const unknown = typeof first === "string" && rest.length === 0 && !known.includes(first)
    report(
      ["with", ...(path as ReadonlyArray<PropertyKey>)],
      unknown ? unknownName(first, known, "parameter") : message,
    )
  }
  return undefined
})

/** Why a table with these facts can't be read through this port. */
const mismatches = (facts: Facts, port: AnyCodec | AnyTable<any>, sizes: Sizes): ReadonlyArray<string> => {
  if ("port" in port) return bind(facts.columns, port.need, sizes)
  if (port.kinds === undefined && facts.kinds === undefined) return bind(facts.columns, port.columns, sizes)
  if (port.name !== facts.name) return [`is ${facts.name}, wanted ${port.name}`]
  const extra = facts.kinds!.filter((kind) => !port.kinds!.includes(kind))
  return extra.length > 0
    ? [`may be a ${port.name} of kind ${extra.join(", ")}, wanted ${port.kinds!.join(" or ")}`]
    : []
}

/** Checks every input of a step against its port, and binds the names of dimensions. */
const checkInputs = (
  step: Step,
  known: ReadonlyMap<Step, CheckedStep["outputs"]>,
  sizes: Sizes,
  report: Report,
): Given => {
  const ports: Record<string, InputPort> = step.stage.definition.inputs ?? {}
  for (const name of Object.keys(step.inputs))
    if (ports[name] === undefined) report(["in", name], unknownName(name, Object.keys(ports), "input"))
  const given: Record<string, ReadonlyArray<Facts>> = {}
  for (const [name, port] of Object.entries(ports)) {
    const input = step.inputs[name]
    const wrapper = isWrapped(port) ? port.port : "one"
    if (input === undefined) {
      if (wrapper !== "optional") report(["in", name], "this input is missing")
      continue
    }
    if (Array.isArray(input) !== (wrapper === "many")) {
      report(["in", name], wrapper === "many" ? "wants a list of tables" : "wants one table, not a list")
      continue
    }
    const codec = isWrapped(port) && port.port !== "any" ? port.of : port
    given[name] = [input].flat().flatMap((handle: AnyHandle) => known.get(handle.step)?.[handle.port] ?? [])
    given[name].forEach((facts, i) =>
      mismatches(facts, codec, sizes).forEach((message) =>
        report(["in", name, ...(wrapper === "many" ? [i] : [])], message),
      ),
    )
  }
  return given
}

/** Binds the dimensions that follow from parameters. */
const bindSizes = (step: Step, parameters: CheckedStep["parameters"], sizes: Sizes, report: Report) => {
  for (const [dimension, size] of Object.entries(step.stage.definition.sizes?.(parameters) ?? {})) {
    const bound = sizes.get(dimension) ?? size
    if (bound !== size)
      report(["with"], `dimension '${dimension}' is ${bound} in the inputs, ${size} by the parameters`)
    sizes.set(dimension, size)
  }
}

/** What will be known of an output. */
const factsOf = (port: OutputPort, parameters: CheckedStep["parameters"], given: Given, sizes: Sizes): Facts => {
  if (!("port" in port))
    return { name: port.name, columns: resolve(port.columns, sizes), ...(port.kinds && { kinds: port.kinds }) }
  if (port.port === "like") {
    const input = given[port.as]?.[0] ?? { name: "unknown", columns: {} }
    return { ...input, columns: { ...input.columns, ...resolve(port.added, sizes) } }
  }
  const columns: Record<string, ReadonlyArray<Columns>> = {}
  for (const [name, facts] of Object.entries(given)) columns[name] = facts.map((f) => f.columns)
  return { name: "computed", columns: port.columns(parameters, columns) }
}

const checkStep = Effect.fnUntraced(function* (
  step: Step,
  known: ReadonlyMap<Step, CheckedStep["outputs"]>,
  report: Report,
) {
  const { stage } = step
  const sizes: Sizes = new Map()
  const parameters = yield* decodeParameters(step, report)
  const given = checkInputs(step, known, sizes, report)
  if (parameters === undefined) return undefined
  bindSizes(step, parameters, sizes, report)
  // An input that comes from a step in trouble is unknown: that step is the problem, not this one.
  const unknown = Object.entries(given).some(([name, facts]) => facts.length < [step.inputs[name]].flat().length)
  if (unknown) return undefined
  const outputs: Record<string, Facts> = {}
  for (const [name, port] of Object.entries(stage.outputs)) outputs[name] = factsOf(port, parameters, given, sizes)
  const spelling = (yield* Schema.encodeEffect(stage.schema)(parameters).pipe(Effect.orDie)) as CheckedStep["spelling"]
  return { step, parameters, spelling, named: namedIn(parameters), outputs }
})

/** Checks every step: parameters, inputs against ports, dimensions, names. All problems are told at once. */
export const check = (pipeline: Pipeline): Effect.Effect<CheckedPipeline, PipelineInvalid, Names> =>
  Effect.gen(function* () {
    const problems: Array<Problem> = []
    const known = new Map<Step, CheckedStep["outputs"]>()
    const steps: Array<CheckedStep> = []
    const ids = new Set<string>()
    for (const step of pipeline.steps) {
      const report: Report = (path, message) => void problems.push({ step: step.id, path, message })
      if (ids.has(step.id)) report([], `two steps have this name; give one another: ${step.name}.as("...")`)
      ids.add(step.id)
      const checked = yield* checkStep(step, known, report)
      if (checked === undefined) continue
      known.set(step, checked.outputs)
      steps.push(checked)
    }
    return problems.length > 0 ? yield* new PipelineInvalid({ problems }) : { pipeline, steps }
  })
