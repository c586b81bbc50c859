/** The larger or smaller of two numbers; NaN if either is. */
import { Lanes } from "./lanes"

/** What is done to four numbers of each operand. There is never an object of it: the type chooses the method. */
export abstract class Binary {
  abstract of(a: v128, b: v128): v128
}
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

function choose<F extends Binary>(a: usize, b: usize, out: usize, rows: i32, width: i32, single: bool): void {
  const f = changetype<F>(0)
  const zero = f32x4.splat(0)
  for (let r = 0; r < rows; r++) {
    const one = single ? v128.load_splat<f32>(b + ((<usize>r) << 2)) : zero
    let at = b
    let left = width
    for (; left >= 4; left -= 4) {
      v128.store(out, f.of(v128.load(a), single ? one : v128.load(at)))
      a += 16
      at += 16
      out += 16
    }
    if (left > 0) {
      Lanes.put(out, left, f.of(Lanes.some(a, left, zero), single ? one : Lanes.some(at, left, zero)))
      a += (<usize>left) << 2
      out += (<usize>left) << 2
    }
  }
}

/** Of a[rows, width] and b[width], or b[rows] where each row has a `single` one. */
export function maximum(a: usize, b: usize, out: usize, rows: i32, width: i32, single: bool): void {
  choose<Max>(a, b, out, rows, width, single)
}

export function minimum(a: usize, b: usize, out: usize, rows: i32, width: i32, single: bool): void {
  choose<Min>(a, b, out, rows, width, single)
}
