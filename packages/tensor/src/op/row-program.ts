/** Formulas of rows as programs, which a backend may run in one pass over rows in the cache. */
import { type Tensor, tf } from "../tf.ts"
import { isThere, taped } from "./operation.ts"

/** Name of the kernel, where a backend runs programs. */
export const RowProgramKernel = "RelentRowProgram"
/** Inputs of a program, at most. */
export const MOST_INPUTS = 4

/** How many operands each takes. `clip` keeps its first within plus and minus its second; the last two make one number of a row. */
export const rowOperations = {
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  max: 2,
  clip: 2,
  sqrt: 1,
  exp: 1,
  expm1: 1,
  log: 1,
  log1p: 1,
  abs: 1,
  sign: 1,
  sum: 1,
  logSumExp: 1,
} as const
export type RowOperation = keyof typeof rowOperations
export const isReduction = (operation: RowOperation): boolean => operation === "sum" || operation === "logSumExp"

/** A constant, or the value of an input or step: inputs are the first values, steps those that follow. */
export type Operand = number | { readonly value: number }
export interface RowStep {
  readonly operation: RowOperation
  readonly operands: ReadonlyArray<Operand>
}
export interface RowProgram {
  /** How many it is given. */
  readonly inputs: number
  /** The last gives the result. */
  readonly steps: ReadonlyArray<RowStep>
}

/** Whether every input has the rows of the first, or one number for each. */
const fits = (inputs: ReadonlyArray<Tensor>) => {
  const [{ shape: whole }] = inputs as readonly [Tensor]
  const rows = whole.slice(0, -1).join()
  return inputs.every(({ shape, dtype }) => {
    const same = shape.length === whole.length && shape.slice(0, -1).join() === rows
    return dtype === "float32" && same && (shape.at(-1) === whole.at(-1) || shape.at(-1) === 1)
  })
}

/**
 * What a program makes of its inputs, `[..., length]` or `[..., 1]` (the first has the whole rows): of the same shapes. Where the backend
 * runs none, or there is none, or its gradient is asked for, it is `parts()`.
 */
export const rowProgram = (
  program: RowProgram | undefined,
  inputs: ReadonlyArray<Tensor>,
  parts: () => Tensor,
): Tensor => {
  const can = program !== undefined && inputs.length <= MOST_INPUTS && fits(inputs) && !taped()
  if (!can || !isThere(RowProgramKernel)) return parts()
  return tf.engine().runKernel(RowProgramKernel, Object.fromEntries(inputs.map((x, i) => [`x${i}`, x])), {
    program,
  } as unknown as tf.NamedAttrMap)
}
