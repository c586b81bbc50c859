/** Axes in another order: planes turned in blocks of 16 by 16, or rows copied where the last axis stays. */
import { Lanes } from "./lanes"
import { turn } from "./pack"

/** A line of the cache, in floats. */
const BLOCK: i32 = 16

/** out[columns, rows] of x[rows, columns], whose rows are `outRow` and `xRow` bytes apart. */
export function plane(x: usize, xRow: usize, out: usize, outRow: usize, rows: i32, columns: i32): void {
  for (let i0 = 0; i0 < rows; i0 += BLOCK) {
    const down = min(i0 + BLOCK, rows)
    for (let j0 = 0; j0 < columns; j0 += BLOCK) {
      const across = min(j0 + BLOCK, columns)
      let i = i0
      for (; i + 4 <= down; i += 4) {
        const from = x + <usize>i * xRow
        const to = out + ((<usize>i) << 2)
        let j = j0
        for (; j + 4 <= across; j += 4) turn(from + ((<usize>j) << 2), xRow, to + <usize>j * outRow, outRow)
        for (; j < across; j++) {
          const at = to + <usize>j * outRow
          for (let k = 0; k < 4; k++) store<f32>(at + (k << 2), load<f32>(from + <usize>k * xRow + ((<usize>j) << 2)))
        }
      }
      for (; i < down; i++)
        for (let j = j0; j < across; j++)
          store<f32>(out + <usize>j * outRow + ((<usize>i) << 2), load<f32>(x + <usize>i * xRow + ((<usize>j) << 2)))
    }
  }
}

/** Rows of `columns` floats, `outRow` bytes apart, of those `xRow` bytes apart. */
function rowsOf(x: usize, xRow: usize, out: usize, outRow: usize, rows: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2
  for (let i = 0; i < rows; i++) {
    Lanes.copy(x, out, bytes)
    x += xRow
    out += outRow
  }
}

/**
 * A plane each, turned or its rows copied, of four axes around it: `n` of each, so many bytes apart in `x` and in `out`.
 */
export function transpose(
  turned: bool,
  x: usize,
  out: usize,
  n0: i32,
  x0: usize,
  out0: usize,
  n1: i32,
  x1: usize,
  out1: usize,
  n2: i32,
  x2: usize,
  out2: usize,
  n3: i32,
  x3: usize,
  out3: usize,
  rows: i32,
  columns: i32,
  xRow: usize,
  outRow: usize,
): void {
  for (let a = 0; a < n0; a++)
    for (let b = 0; b < n1; b++)
      for (let c = 0; c < n2; c++)
        for (let d = 0; d < n3; d++) {
          const from = x + <usize>a * x0 + <usize>b * x1 + <usize>c * x2 + <usize>d * x3
          const to = out + <usize>a * out0 + <usize>b * out1 + <usize>c * out2 + <usize>d * out3
          if (turned) plane(from, xRow, to, outRow, rows, columns)
          else rowsOf(from, xRow, to, outRow, rows, columns)
        }
}
