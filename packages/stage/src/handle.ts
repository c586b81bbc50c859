/** Handles and steps: a pipeline before it runs. A step knows what it reads, so a graph is found by walking back. */
import type { AnyStage } from "./stage.ts"

/** An output of a step, before anything ran. `C` decides what fits; `Name` is only for the reader of compiler messages. */
// oxlint-disable-next-line no-unused-vars -- printed by the compiler
export interface Handle<Name extends string, out C> {
  readonly step: Step
  readonly port: string
  /** Types only. */
  readonly columns: C
}
export type AnyHandle = Handle<string, any>

/** A point of a sweep: the value of each axis. */
export type Point = { readonly [axis: string]: unknown }

/** One use of a stage in a pipeline. */
export interface Step {
  /** Unique in the pipeline: the name, and the point of a sweep: `student@divergence=kl,seed=1`. */
  readonly id: string
  readonly name: string
  /** What draws are keyed by: the name, unless steps written one by one are to share draws. */
  readonly stream: string
  readonly stage: AnyStage
  readonly inputs: { readonly [port: string]: AnyHandle | ReadonlyArray<AnyHandle> }
  /** As written: decoded when the pipeline is checked. */
  readonly parameters: { readonly [name: string]: unknown }
  readonly at: Point
}

const label = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value))

/** The id of a step: its name, and its point where it belongs to a sweep. */
export const stepId = (name: string, at: Point): string => {
  const point = Object.entries(at).map(([axis, value]) => `${axis}=${label(value)}`)
  return point.length > 0 ? `${name}@${point.join(",")}` : name
}

/** A step; inputs that are not given are left out. */
export const makeStep = (step: Omit<Step, "id" | "stream"> & { readonly stream?: string | undefined }): Step => ({
  ...step,
  id: stepId(step.name, step.at),
  stream: step.stream ?? step.name,
  inputs: Object.fromEntries(Object.entries(step.inputs).filter(([, handle]) => handle !== undefined)),
})

/** The handles of a step's outputs. */
export const outputsOf = (step: Step): { readonly [port: string]: AnyHandle } =>
  Object.fromEntries(Object.keys(step.stage.outputs).map((port) => [port, { step, port, columns: undefined }]))

/** All handles that a step reads. */
export const handlesOf = (inputs: Step["inputs"]): ReadonlyArray<AnyHandle> => Object.values(inputs).flat()
