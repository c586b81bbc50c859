/** Reads a document: names become stages and handles, a sweep becomes its points; the check does the rest. */
import { type Names, suggest } from "@relent/named"
import { Effect, Schema, SchemaIssue } from "effect"
import { check } from "../check.ts"
import { type AnyHandle, makeStep, type Point, type Step } from "../handle.ts"
import { type Pipeline, stepsBehind } from "../pipeline.ts"
import type { CheckedPipeline } from "../plan.ts"
import { PipelineInvalid, type Problem } from "../problem.ts"
import { Stages } from "../registry.ts"
import type { AnyStage } from "../stage.ts"
import { stack } from "../sweep.ts"
import { agree, type Axis, axesOf, pointsOfAxes } from "./axes.ts"
import { PipelineDocument, type StepDocument } from "./schema.ts"
import { setAt } from "./set.ts"
import { parse, type Source } from "./source.ts"

const strict = { errors: "all", onExcessProperty: "error" } as const
const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

type Path = Problem["path"]
type Report = (path: Path, message: string) => void

/** A step of the document, once a point. */
interface Written {
  readonly axes: ReadonlyArray<Axis>
  readonly steps: ReadonlyArray<Step>
}

/** What has been read so far: undefined for a step in trouble, whose readers are not to blame. */
type Above = ReadonlyMap<string, Written | undefined>

const splitReference = (text: string) => {
  const dot = text.lastIndexOf(".")
  return [text.slice(0, dot), text.slice(dot + 1)] as const
}

/** The outputs that `text` names at a point: one, or all the points of the sweep that agree with it. */
const outputsAt = (
  text: string,
  at: Point,
  above: Above,
  below: ReadonlySet<string>,
): ReadonlyArray<AnyHandle> | string => {
  const [key, port] = splitReference(text)
  if (!above.has(key))
    return below.has(key)
      ? `'${key}' stands below: a step reads from steps above it`
      : suggest(key, [...above.keys()], "step above")
  const written = above.get(key)
  if (written === undefined) return []
  const ports = Object.keys(written.steps[0]!.stage.outputs)
  if (!ports.includes(port)) return suggest(port, ports, "output")
  return written.steps.filter((step) => agree(step.at, at)).map((step) => ({ step, port, columns: undefined }))
}

const referencesOf = (step: StepDocument): ReadonlyArray<string> => Object.values(step.in ?? {}).flat()

/** The axes that a step varies with: its own parameters', those of what it reads, and the seed where it draws. */
const axesOfStep = (name: string, step: StepDocument, stage: AnyStage, axes: ReadonlyArray<Axis>, above: Above) => {
  const read = new Set(referencesOf(step).flatMap((text) => above.get(splitReference(text)[0])?.axes ?? []))
  const draws = stage.definition.uses?.includes("random") === true
  return axes.filter(
    (axis) => read.has(axis) || axis.targets.some(({ step }) => step === name) || (axis.key === "seed" && draws),
  )
}

const parametersAt = (step: StepDocument, key: string, axes: ReadonlyArray<Axis>, at: Point, report: Report) =>
  axes
    .flatMap((axis) => axis.targets.filter((target) => target.step === key).map((target) => ({ axis, target })))
    .reduce<{ readonly [name: string]: unknown }>((values, { axis, target }) => {
      const set = setAt(values, target.path, at[axis.label])
      if (set === undefined) report(["over", axis.key], `there is no parameter at '${target.path.join(".")}' to set`)
      return set ?? values
    }, step.with ?? {})

const writeStep = (
  key: string,
  step: StepDocument,
  stage: AnyStage,
  axes: ReadonlyArray<Axis>,
  above: Above,
  below: ReadonlySet<string>,
  report: Report,
): Written => {
  const path = ["stages", key]
  const name = key.split("@")[0]!
  const inputsAt = (at: Point): Step["inputs"] => {
    const inputs: Record<string, AnyHandle | ReadonlyArray<AnyHandle>> = {}
    for (const [port, given] of Object.entries(step.in ?? {})) {
      const found = [given].flat().flatMap((text) => {
        const handles = outputsAt(text, at, above, below)
        if (typeof handles === "string") report([...path, "in", port], `'${text}': ${handles}`)
        return typeof handles === "string" ? [] : handles
      })
      if (Array.isArray(given)) inputs[port] = found
      else if (found[0] !== undefined) inputs[port] = found[0]
    }
    return inputs
  }
  const own = axesOfStep(key, step, stage, axes, above)
  const steps = pointsOfAxes(own).map((point) => {
    const at = { ...step.at, ...point }
    const parameters = parametersAt(step, key, own, at, report)
    return makeStep({ name, stage, stream: step.stream, at, parameters, inputs: inputsAt(at) })
  })
  return { axes: own, steps }
}

/** A `collect` step: the tables of all points, with a column for each axis. */
const writeCollect = (
  key: string,
  reference: string,
  above: Above,
  below: ReadonlySet<string>,
  report: Report,
): Written | undefined => {
  const tables = outputsAt(reference, {}, above, below)
  if (typeof tables === "string") report(["stages", key, "collect"], `'${reference}': ${tables}`)
  if (typeof tables === "string" || tables.length === 0) return undefined
  const parameters = { points: tables.map((handle) => handle.step.at) }
  return { axes: [], steps: [makeStep({ name: key, stage: stack, at: {}, parameters, inputs: { tables } })] }
}

/** More points than any sweep has that somebody waits for. */
const mostPoints = 10_000

const checkAxes = (axes: ReadonlyArray<Axis>, document: PipelineDocument, report: Report) => {
  for (const { key, targets, values } of axes) {
    if (key === "seed") {
      if (!values.every(Number.isSafeInteger)) report(["over", key], "seeds are whole numbers")
    } else if (targets.length === 0)
      report(["over", key], "an axis is 'seed' or step.with.parameter, or several of these with commas between")
    for (const { step } of targets)
      if (document.stages[step] === undefined)
        report(["over", key], `'${step}': ${suggest(step, Object.keys(document.stages), "step")}`)
    if (new Set(values.map((v) => JSON.stringify(v))).size < values.length)
      report(["over", key], "a value is there twice")
  }
  const points = axes.reduce((product, { values }) => product * values.length, 1)
  if (points > mostPoints) report(["over"], `the sweep has ${points} points; ${mostPoints} are allowed`)
  return points <= mostPoints
}

/** The outputs of a pipeline that names none: every table that no step reads. */
const unread = (steps: ReadonlyArray<Step>) => {
  const read = new Set(
    steps.flatMap((step) =>
      Object.values(step.inputs)
        .flat()
        .map((h: AnyHandle) => `${h.step.id}.${h.port}`),
    ),
  )
  const all = steps.flatMap((step) =>
    Object.keys(step.stage.outputs).map((port): AnyHandle => ({ step, port, columns: undefined })),
  )
  const open = all.filter((h) => !read.has(`${h.step.id}.${h.port}`))
  return Object.fromEntries(open.map((h) => [`${h.step.id}.${h.port}`, h]))
}

const decode = (source: Source, fail: (problems: ReadonlyArray<Problem>) => PipelineInvalid) =>
  Schema.decodeUnknownEffect(PipelineDocument)(source.value, strict).pipe(
    Effect.mapError((error) =>
      fail(
        issuesOf(error.issue).issues.map(({ message, path = [] }) => ({
          step: "",
          path: path as Path,
          message,
          position: source.position(path as Path),
        })),
      ),
    ),
  )

const inOrder = (a: Problem, b: Problem) =>
  a.position!.line - b.position!.line || a.position!.column - b.position!.column

/** In the order of the document, and each once: points of a sweep repeat the problem of the step they come from. */
const distinct = (problems: ReadonlyArray<Problem>) => {
  const last = problems.toReversed() // the first point speaks for all
  return [...new Map(last.map((p) => [`${JSON.stringify(p.position)} ${p.message}`, p])).values()].toSorted(inOrder)
}

/** The document of a text, its shape checked; names are not looked up yet. */
export const readDocument = (text: string, file?: string): Effect.Effect<PipelineDocument, PipelineInvalid> =>
  Effect.flatMap(parse(text, file), (source) =>
    decode(source, (problems) => new PipelineInvalid({ problems, ...(file !== undefined && { file }) })),
  )

/** Reads and checks a pipeline document; every problem carries its line and column. `edit` changes the document before names are looked up. */
export const read = (
  text: string,
  options: { readonly file?: string; readonly edit?: (document: PipelineDocument) => PipelineDocument } = {},
): Effect.Effect<CheckedPipeline, PipelineInvalid, Stages | Names> =>
  Effect.gen(function* () {
    const fail = (problems: ReadonlyArray<Problem>) =>
      new PipelineInvalid({ problems: distinct(problems), ...(options.file !== undefined && { file: options.file }) })
    const source = yield* parse(text, options.file)
    const written = yield* decode(source, fail)
    const document = options.edit?.(written) ?? written

    const problems: Array<Problem> = []
    const report: Report = (path, message) =>
      void problems.push({ step: String(path[1] ?? ""), path: path.slice(2), message, position: source.position(path) })
    const stages = yield* Stages
    const axes = axesOf(document.over ?? {})
    if (!checkAxes(axes, document, report)) return yield* fail(problems)

    const above = new Map<string, Written | undefined>()
    const below = new Set(Object.keys(document.stages))
    for (const [key, step] of Object.entries(document.stages)) {
      below.delete(key)
      if (step.collect !== undefined) {
        above.set(key, writeCollect(key, step.collect, above, below, report))
        continue
      }
      const stage = yield* Effect.result(stages.find(step.stage!))
      if (stage._tag === "Failure") report(["stages", key, "stage"], stage.failure)
      above.set(
        key,
        stage._tag === "Failure" ? undefined : writeStep(key, step, stage.success, axes, above, below, report),
      )
    }

    const steps = [...above.values()].flatMap((w) => w?.steps ?? [])
    const named = Object.entries(document.outputs ?? {}).flatMap(([name, text]) => {
      const handles = outputsAt(text, {}, above, below)
      if (typeof handles === "string") report(["outputs", name], `'${text}': ${handles}`)
      return typeof handles === "string"
        ? []
        : handles.map((h) => [handles.length > 1 ? `${name}@${h.step.id}` : name, h] as const)
    })
    if (problems.length > 0) return yield* fail(problems)

    const outputs = document.outputs === undefined ? unread(steps) : Object.fromEntries(named)
    const pipeline: Pipeline = {
      name: document.name,
      seed: document.seed,
      outputs,
      steps: stepsBehind(Object.values(outputs)),
    }
    const keyOf = new Map([...above].flatMap(([key, w]) => (w?.steps ?? []).map((step) => [step.id, key] as const)))
    const position = (id: string, path: Path = []) => source.position(["stages", keyOf.get(id)!, ...path])
    return yield* check(pipeline).pipe(
      Effect.map((checked) => ({
        ...checked,
        ...(options.file !== undefined && { file: options.file }),
        steps: checked.steps.map((s) => ({ ...s, position: position(s.step.id) })),
      })),
      Effect.mapError((error) => fail(error.problems.map((p) => ({ ...p, position: position(p.step, p.path) })))),
    )
  })
