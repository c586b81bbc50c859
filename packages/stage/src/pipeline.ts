/** Pipeline: a graph of steps with a seed. */
import type { Columns, TableSchema } from "@relent/arrow"
import { type AnyHandle, type Handle, handlesOf, type Step } from "./handle.ts"

export interface Pipeline<O extends { readonly [name: string]: AnyHandle } = { readonly [name: string]: AnyHandle }> {
  readonly name: string
  readonly seed: number
  /** Each after all that it reads. */
  readonly steps: ReadonlyArray<Step>
  readonly outputs: O
}

/** The steps behind these handles, each after all that it reads. */
export const stepsBehind = (outputs: ReadonlyArray<AnyHandle>): ReadonlyArray<Step> => {
  const done = new Set<Step>()
  // An explicit stack: a chain of 2,000 steps is no deeper than one of two.
  const open: Array<{ readonly step: Step; readonly ready: boolean }> = outputs
    .map(({ step }) => ({ step, ready: false }))
    .toReversed()
  while (open.length > 0) {
    const { step, ready } = open.pop()!
    if (done.has(step)) continue
    if (ready) done.add(step)
    else
      open.push(
        { step, ready: true },
        ...handlesOf(step.inputs)
          .map((h) => ({ step: h.step, ready: false }))
          .toReversed(),
      )
  }
  return [...done]
}

/** Claims the schema of a table whose columns the compiler can't know; the check and the run hold the claim to it. */
export const narrow = <Name extends string, C extends Columns>(
  handle: AnyHandle,
  _schema: TableSchema<Name, C>,
): Handle<Name, C> => handle

export const Pipeline = {
  /** A pipeline is what its outputs need. */
  make: <const O extends { readonly [name: string]: AnyHandle }>(options: {
    readonly name: string
    readonly seed: number
    readonly outputs: O
  }): Pipeline<O> => ({ ...options, steps: stepsBehind(Object.values(options.outputs)) }),
}
