/** One operation on two numbers, where an operand is repeated along the axes that it doesn't have. */
import { Lanes } from "./lanes"

/** What is done to four numbers of each operand. There is never an object of it: the type chooses the method. */
export abstract class Binary {
  abstract of(a: v128, b: v128): v128
}
export class Add extends Binary {
  @inline of(a: v128, b: v128): v128 {
    return f32x4.add(a, b)
  }
}
export class Sub extends Binary {
  @inline of(a: v128, b: v128): v128 {
    return f32x4.sub(a, b)
  }
}
export class Mul extends Binary {
  @inline of(a: v128, b: v128): v128 {
    return f32x4.mul(a, b)
  }
}
export class Div extends Binary {
  @inline of(a: v128, b: v128): v128 {
    return f32x4.div(a, b)
  }
}
/** NaN if either is. */
export class Max extends Binary {
  @inline of(a: v128, b: v128): v128 {
    return f32x4.max(a, b)
  }
}
class Min extends Binary {
  @inline of(a: v128, b: v128): v128 {
    return f32x4.min(a, b)
  }
}
class SquaredDifference extends Binary {
  @inline of(a: v128, b: v128): v128 {
    const d = f32x4.sub(a, b)
    return f32x4.mul(d, d)
  }
}

/** What an operand has of the axes groups, rows and width, in bits. */
const GROUPS: i32 = 4
const ROWS: i32 = 2
const WIDTH: i32 = 1

abstract class Line {
  /** A row of each, or of one and a number of the other. */
  @inline static of<F extends Binary>(a: usize, oneA: bool, b: usize, oneB: bool, out: usize, width: i32): void {
    const f = changetype<F>(0)
    const zero = f32x4.splat(0)
    const x = oneA ? v128.load_splat<f32>(a) : zero
    const y = oneB ? v128.load_splat<f32>(b) : zero
    let left = width
    for (; left >= 4; left -= 4) {
      v128.store(out, f.of(oneA ? x : v128.load(a), oneB ? y : v128.load(b)))
      if (!oneA) a += 16
      if (!oneB) b += 16
      out += 16
    }
    if (left > 0) Lanes.put(out, left, f.of(oneA ? x : Lanes.some(a, left, zero), oneB ? y : Lanes.some(b, left, zero)))
  }
}

/** How many bytes an operand goes on for a row of the result, whose length is `row` bytes, and for a group of them. */
abstract class Step {
  @inline static width(has: i32, row: usize): usize {
    return has & WIDTH ? row : sizeof<f32>()
  }
  @inline static row(has: i32, row: usize): usize {
    return has & ROWS ? Step.width(has, row) : 0
  }
  @inline static group(has: i32, rows: i32, row: usize): usize {
    if (!(has & GROUPS)) return 0
    return has & ROWS ? <usize>rows * Step.width(has, row) : Step.width(has, row)
  }
}

function both<F extends Binary>(
  a: usize,
  hasA: i32,
  b: usize,
  hasB: i32,
  out: usize,
  groups: i32,
  rows: i32,
  width: i32,
): void {
  const row = (<usize>width) << 2
  for (let g = 0; g < groups; g++) {
    let x = a
    let y = b
    for (let r = 0; r < rows; r++) {
      if (!(hasA & WIDTH)) Line.of<F>(x, true, y, false, out, width)
      else if (!(hasB & WIDTH)) Line.of<F>(x, false, y, true, out, width)
      else Line.of<F>(x, false, y, false, out, width)
      x += Step.row(hasA, row)
      y += Step.row(hasB, row)
      out += row
    }
    a += Step.group(hasA, rows, row)
    b += Step.group(hasB, rows, row)
  }
}

/** out[groups, rows, width] of operands that have all of its axes, or some: GROUPS + ROWS + WIDTH in `hasA`, `hasB`. */
export function add(a: usize, hasA: i32, b: usize, hasB: i32, out: usize, groups: i32, rows: i32, width: i32): void {
  both<Add>(a, hasA, b, hasB, out, groups, rows, width)
}

export function subtract(
  a: usize,
  hasA: i32,
  b: usize,
  hasB: i32,
  out: usize,
  groups: i32,
  rows: i32,
  width: i32,
): void {
  both<Sub>(a, hasA, b, hasB, out, groups, rows, width)
}

export function multiply(
  a: usize,
  hasA: i32,
  b: usize,
  hasB: i32,
  out: usize,
  groups: i32,
  rows: i32,
  width: i32,
): void {
  both<Mul>(a, hasA, b, hasB, out, groups, rows, width)
}

export function divide(a: usize, hasA: i32, b: usize, hasB: i32, out: usize, groups: i32, rows: i32, width: i32): void {
  both<Div>(a, hasA, b, hasB, out, groups, rows, width)
}

export function maximum(
  a: usize,
  hasA: i32,
  b: usize,
  hasB: i32,
  out: usize,
  groups: i32,
  rows: i32,
  width: i32,
): void {
  both<Max>(a, hasA, b, hasB, out, groups, rows, width)
}

export function minimum(
  a: usize,
  hasA: i32,
  b: usize,
  hasB: i32,
  out: usize,
  groups: i32,
  rows: i32,
  width: i32,
): void {
  both<Min>(a, hasA, b, hasB, out, groups, rows, width)
}

export function squaredDifference(
  a: usize,
  hasA: i32,
  b: usize,
  hasB: i32,
  out: usize,
  groups: i32,
  rows: i32,
  width: i32,
): void {
  both<SquaredDifference>(a, hasA, b, hasB, out, groups, rows, width)
}
