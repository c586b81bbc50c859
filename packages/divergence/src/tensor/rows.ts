/** The second interpreter: generators on tensors, float32. */
import { taped, type Tensor, tf } from "@relent/tensor"
import { withGradient } from "./gradient.ts"
import type { TensorRows } from "./program.ts"

type Value = Tensor | number

const each =
  (ofTensor: (x: Tensor) => Tensor, ofNumber: (x: number) => number) =>
  (x: Value): Value =>
    typeof x === "number" ? ofNumber(x) : ofTensor(x)

const both =
  (ofTensors: (x: Value, y: Value) => Tensor, ofNumbers: (x: number, y: number) => number) =>
  (x: Value, y: Value): Value =>
    typeof x === "number" && typeof y === "number" ? ofNumbers(x, y) : ofTensors(x, y)

const expm1 = each(tf.expm1, Math.expm1)
/** Its slope at 0 is 0, and not infinite: there expressions hold what another part of them counts. */
const slopedLog = (x: Tensor) =>
  withGradient({
    inputs: [x],
    forward: (x) => ({ value: tf.log(x) }),
    backward: (dy, x) => [tf.divNoNan(dy, x)],
  })
const log = each((x) => (taped() ? slopedLog(x) : tf.log(x)), Math.log)
const mul = both(tf.mul, (x, y) => x * y)
const div = both(tf.div, (x, y) => x / y)

/** Rows lie along the last axis; what reduces them keeps it, with length 1. For code inside `withGradient`. */
export const tensorRows: TensorRows<Tensor> = {
  add: both(tf.add, (x, y) => x + y),
  sub: both(tf.sub, (x, y) => x - y),
  mul,
  div,
  pow: (x, c) =>
    each(
      (v) => tf.pow(v, c),
      (v) => v ** c,
    )(x),
  sqrt: each(tf.sqrt, Math.sqrt),
  exp: each(tf.exp, Math.exp),
  log,
  powerLog: (x, c) => (c === 0 ? log(x) : div(expm1(mul(c, log(x))), c)),
  // 2 atanh(x / (2 + x)): the wasm kernel of log1p loses what 1 + x can't hold
  log1p: each((x) => tf.mul(2, tf.atanh(tf.div(x, tf.add(x, 2)))), Math.log1p),
  abs: each(tf.abs, Math.abs),
  // the wasm kernel of sign takes what is below 1e-7 for 0
  sign: each((x) => tf.sub(tf.step(x), tf.step(tf.neg(x))), Math.sign),
  max: both(tf.maximum, Math.max),
  clip: (x, most) =>
    each(
      (v) => tf.clipByValue(v, -most, most),
      (v) => Math.max(-most, Math.min(most, v)),
    )(x),
  expm1,
  sum: each(
    (x) => tf.sum(x, -1, true),
    (x) => x,
  ),
  logSumExp: each(
    (x) => tf.logSumExp(x, -1, true),
    (x) => x,
  ),
}
