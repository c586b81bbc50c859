/** The third interpreter: formulas written down as programs, which a backend may run in one pass. */
import { type Operand, type RowOperation, type RowProgram, rowProgram, type RowStep, type Tensor } from "@relent/tensor"
import type { Rows } from "../arithmetic.ts"
import { tensorRows } from "./rows.ts"

/** Arithmetic on rows of tensors and of programs. */
export interface TensorRows<N> extends Rows<N> {
  /** `x` within plus and minus `most`. */
  readonly clip: (x: N | number, most: number) => N | number
}
/** A function of rows, by itself written for every arithmetic. */
export type Formula = <N>(rows: TensorRows<N>, ...given: ReadonlyArray<N>) => N | number

/** What a step of the program gives. */
class Value {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}
type Given = Value | number

/** The steps that the last one needs, and no others. */
const needed = (inputs: number, steps: ReadonlyArray<RowStep>, last: number): RowProgram => {
  const used = new Set([last])
  for (let i = last; i >= inputs; i--)
    if (used.has(i))
      for (const operand of steps[i - inputs]!.operands) if (typeof operand !== "number") used.add(operand.value)
  const kept = Array.from({ length: last + 1 }, (_, i) => i).filter((i) => i < inputs || used.has(i))
  const place = new Map(kept.map((old, i) => [old, i]))
  const moved = (operand: Operand) => (typeof operand === "number" ? operand : { value: place.get(operand.value)! })
  return {
    inputs,
    steps: kept.slice(inputs).map((i) => {
      const { operation, operands } = steps[i - inputs]!
      return { operation, operands: operands.map(moved) }
    }),
  }
}

/** The program of a formula of so many rows; undefined if there is none. What it computes twice is one step. */
export const programOf = (inputs: number, formula: Formula): RowProgram | undefined => {
  const steps: Array<RowStep> = []
  const known = new Map<string, Value>()
  /** The formula has an operation that programs don't. */
  let lacking = false
  const step =
    (operation: RowOperation, ofNumbers: (...x: ReadonlyArray<number>) => number) =>
    (...operands: ReadonlyArray<Given>): Given => {
      if (operands.every((x) => typeof x === "number")) return ofNumbers(...operands)
      const key = `${operation} ${operands.map((x) => (typeof x === "number" ? x : `#${x.value}`)).join(" ")}`
      const value = known.get(key) ?? new Value(inputs + steps.push({ operation, operands }) - 1)
      known.set(key, value)
      return value
    }
  const add = step("add", (x, y) => x + y)
  const mul = step("mul", (x, y) => x * y)
  const div = step("div", (x, y) => x / y)
  const sqrt = step("sqrt", Math.sqrt)
  const log = step("log", Math.log)
  const expm1 = step("expm1", Math.expm1)
  const rows: TensorRows<Value> = {
    add,
    sub: step("sub", (x, y) => x - y),
    mul,
    div,
    sqrt,
    log,
    expm1,
    exp: step("exp", Math.exp),
    log1p: step("log1p", Math.log1p),
    abs: step("abs", Math.abs),
    sign: step("sign", Math.sign),
    max: step("max", Math.max),
    clip: step("clip", (x, most) => Math.max(-most, Math.min(most, x))),
    sum: step("sum", (x) => x),
    logSumExp: step("logSumExp", (x) => x),
    powerLog: (x, c) => (c === 0 ? log(x) : div(expm1(mul(c, log(x))), c)),
    pow: (x, c) => {
      if (typeof x === "number") return x ** c
      if (c === 0.5) return sqrt(x)
      if (c === -0.5) return div(1, sqrt(x))
      lacking = true
      return x
    },
  }
  const last = formula(rows, ...Array.from({ length: inputs }, (_, i) => new Value(i)))
  const none = lacking || typeof last === "number" || last.value < inputs
  return none ? undefined : needed(inputs, steps, last.value)
}

export interface Programmed {
  readonly formula: Formula
  readonly program: RowProgram | undefined
}
export const programmed = (inputs: number, formula: Formula): Programmed => ({
  formula,
  program: programOf(inputs, formula),
})

/** A formula of tensors, by its program where the backend runs programs: for code inside `withGradient`. */
export const compute = ({ formula, program }: Programmed, given: ReadonlyArray<Tensor>): Tensor =>
  rowProgram(program, given, () => formula(tensorRows, ...given) as Tensor)
