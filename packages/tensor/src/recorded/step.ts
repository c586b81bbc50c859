/** What can be recorded. */
import type { Parameters } from "@relent/arrow"
import { Data } from "effect"
import type { Tree } from "../tree.ts"

/**
 * A pure function on tensors: from a state and named inputs to a new state, of the same paths, shapes and types, and outputs. All that
 * changes between two runs is state or input: a number or tensor from outside is a constant of the recording, and no value may be read.
 */
export type Step = (state: Tree, inputs: Tree) => { readonly state: Tree; readonly outputs: Tree }

/** A step that can't be run again and again. */
export class StepInvalid extends Data.TaggedError("StepInvalid")<{
  readonly step: string
  readonly problem: string
  readonly hint: string
}> {
  override get message() {
    return `the step '${this.step}' ${this.problem}`
  }
}

/** What a recording is of: inputs of other shapes or types are another. */
export const shapesOf = (inputs: Parameters): string =>
  Object.entries(inputs)
    .map(([path, { dtype, shape }]) => `${path}:${dtype}[${shape.join()}]`)
    .join()

const layout = (tree: Tree) =>
  Object.entries(tree)
    .map(([path, { dtype, shape }]) => `${path}: ${dtype}[${shape.join(", ")}]`)
    .toSorted()

/** A new state must fit where the old one was. */
export const checkState = (step: string, before: Tree, after: Tree): void => {
  const [was, is] = [layout(before), layout(after)]
  const found = is.find((line) => !was.includes(line)) ?? was.find((line) => !is.includes(line))
  if (found === undefined) return
  const problem = `gives a state of another layout: ${found} ${is.includes(found) ? "is new" : "is missing"}`
  throw new StepInvalid({
    step,
    problem,
    hint: "a step gives back the tensors of its state, each with its shape and type",
  })
}
