/**
 * Programs: formulas of rows, an instruction after the other on one row before the next, so that what is between stays in the cache. An
 * instruction is four numbers: operation, two operands and the register that it writes, as `src/op/row-program.ts` has them. Registers with
 * an even number hold a row, filled up to whole vectors; those with an odd one a single number, four times.
 */
import { Add, Binary, Div, Max, Mul, Sub } from "./binary"
import { exp, expm1, log, log1p, sign, sqrt } from "./elementwise"
import { Lanes } from "./lanes"
import { Row } from "./row"
import { logSum } from "./softmax"

/** What is beyond b or -b is that. */
class Clip extends Binary {
  @inline of(a: v128, b: v128): v128 {
    return f32x4.max(f32x4.min(a, b), f32x4.neg(b))
  }
}

function both<F extends Binary>(a: usize, stepA: usize, b: usize, stepB: usize, out: usize, vectors: i32): void {
  const f = changetype<F>(0)
  for (; vectors > 0; vectors--) {
    v128.store(out, f.of(v128.load(a), v128.load(b)))
    a += stepA
    b += stepB
    out += 16
  }
}

function absolute(x: usize, out: usize, vectors: i32): void {
  for (; vectors > 0; vectors--) {
    v128.store(out, f32x4.abs(v128.load(x)))
    x += 16
    out += 16
  }
}

/** Rows of up to four inputs; registers and constants have their places at `work`. */
export function rowProgram(
  code: usize,
  steps: i32,
  constants: usize,
  known: i32,
  x0: usize,
  x1: usize,
  x2: usize,
  x3: usize,
  out: usize,
  count: i32,
  length: i32,
  work: usize,
): void {
  const bytes = (<usize>length) << 2
  const vectors = (length + 3) >> 2
  const each = (<usize>vectors) << 4
  for (let i = 0; i < known; i++)
    v128.store(work + ((<usize>i) << 4), v128.load_splat<f32>(constants + ((<usize>i) << 2)))
  // Single numbers lie at multiples of 16 from `work`, rows behind 64 of them.
  const rows = work + 1024
  for (let r = 0; r < count; r++) {
    for (let step = 0, at = code; step < steps; step++, at += 16) {
      const one = load<i32>(at, 4)
      const two = load<i32>(at, 8)
      const three = load<i32>(at, 12)
      const single = (three & 1) == 1
      const a = one & 1 ? work + ((<usize>(one >> 1)) << 4) : rows + <usize>(one >> 1) * each
      const b = two & 1 ? work + ((<usize>(two >> 1)) << 4) : rows + <usize>(two >> 1) * each
      const y = single ? work + ((<usize>(three >> 1)) << 4) : rows + <usize>(three >> 1) * each
      const stepA: usize = one & 1 ? 0 : 16
      const stepB: usize = two & 1 ? 0 : 16
      const n = single ? 1 : vectors
      switch (load<i32>(at)) {
        case 0:
          both<Add>(a, stepA, b, stepB, y, n)
          break
        case 1:
          both<Sub>(a, stepA, b, stepB, y, n)
          break
        case 2:
          both<Mul>(a, stepA, b, stepB, y, n)
          break
        case 3:
          both<Div>(a, stepA, b, stepB, y, n)
          break
        case 4:
          both<Max>(a, stepA, b, stepB, y, n)
          break
        case 5:
          both<Clip>(a, stepA, b, stepB, y, n)
          break
        case 6:
          sqrt(a, y, n << 2)
          break
        case 7:
          exp(a, y, n << 2)
          break
        case 8:
          expm1(a, y, n << 2)
          break
        case 9:
          log(a, y, n << 2)
          break
        case 10:
          log1p(a, y, n << 2)
          break
        case 11:
          absolute(a, y, n)
          break
        case 12:
          sign(a, y, n << 2)
          break
        case 13:
          v128.store(y, f32x4.splat(Row.dot(a, 0, length, false)))
          break
        case 14:
          v128.store(y, f32x4.splat(logSum(a, length, Row.top(a, length))))
          break
        case 15: {
          const input = one == 0 ? x0 : one == 1 ? x1 : one == 2 ? x2 : x3
          if (single) v128.store(y, v128.load_splat<f32>(input + ((<usize>r) << 2)))
          else Lanes.copy(input + <usize>r * bytes, y, bytes)
          break
        }
        default:
          if (one & 1) store<f32>(out + ((<usize>r) << 2), load<f32>(a))
          else Lanes.copy(a, out + <usize>r * bytes, bytes)
      }
    }
  }
}
