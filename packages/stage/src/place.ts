/** Where steps are put while a pipeline is built: the prefix of their names, and the point of the sweep around them. */
import { type AnyHandle, makeStep, outputsOf, type Point, type Step } from "./handle.ts"
import type { AnyStage } from "./stage.ts"

interface Place {
  readonly prefix: string
  readonly at: Point
}
let place: Place = { prefix: "", at: {} }

/** Runs `body` at a place. Building is synchronous, so a place can't leak into another build. */
export const inPlace = <A>(next: Partial<Place>, body: () => A): A => {
  const before = place
  place = { prefix: before.prefix + (next.prefix ?? ""), at: { ...before.at, ...next.at } }
  try {
    return body()
  } finally {
    place = before
  }
}

/** A sub-pipeline is a function; `within` puts its steps under a name: `baseline/student`. */
export const within = <A>(name: string, body: () => A): A => inPlace({ prefix: `${name}/` }, body)

/** How a step is called, where it isn't called as its stage. */
export interface StepOptions {
  /** Steps of one stream see the same draws. */
  readonly stream?: string
}

/** Adds a step at the present place and gives its outputs. */
export const addStep = (
  stage: AnyStage,
  name: string,
  options: StepOptions,
  inputs: Step["inputs"],
  parameters: Step["parameters"],
): { readonly [port: string]: AnyHandle } =>
  outputsOf(makeStep({ stage, name: place.prefix + name, stream: options.stream, inputs, parameters, at: place.at }))
