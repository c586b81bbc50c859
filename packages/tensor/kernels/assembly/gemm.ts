/**
 * Products of matrices. Blocks of 256 steps: of each, panels of 512 columns are packed (512 KiB, for the second cache), and for every 96
 * rows panels of those (96 KiB). Each number of the result is added up in the same order wherever a block's edges lie, so rows and columns
 * can be given to several threads without changing a bit.
 */
import { add, tile } from "./micro"
import { packLeft, packRight } from "./pack"
import { packPlaces, packTaps, Window } from "./patches"

const DEPTH: i32 = 256
const COLUMNS: i32 = 512
const ROWS: i32 = 96
const FLOAT: usize = 4
/** Places in the workspace: a tile, zeros for no bias, a bias beyond whose end nothing is read, a window, panels. */
const ZEROS: usize = 256
const BIAS: usize = 288
const WINDOW: usize = 320
const LEFT: usize = 384
const RIGHT: usize = LEFT + <usize>(ROWS * DEPTH) * FLOAT

/** Bytes of workspace that a product wants. */
export function gemmWorkspace(): usize {
  return RIGHT + <usize>(COLUMNS * DEPTH) * FLOAT
}

/** A tile that reaches over the edge: `rows` and `columns` of it. */
function edge(
  rows: i32,
  columns: i32,
  tile: usize,
  c: usize,
  stride: usize,
  from: usize,
  fromStride: usize,
  least: f32,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const at = j << 2
      store<f32>(c + at, max<f32>(least, load<f32>(tile + at) + load<f32>(from + at)))
    }
    tile += 32
    c += stride
    from += fromStride
  }
}

/** The window of a product that is a convolution, for it to be filled in. */
export function windowOf(workspace: usize): Window {
  return changetype<Window>(workspace + WINDOW)
}

/**
 * c[rows, columns] = a b, plus `bias[columns]` unless that is 0, at least 0 where `relu`. Strides are bytes; rows of `c` are `stride`
 * apart and contiguous. `a` is [rows, depth], `b` [depth, columns].
 */
export function gemm(
  rows: i32,
  columns: i32,
  depth: i32,
  a: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bRow: usize,
  bColumn: usize,
  c: usize,
  stride: usize,
  bias: usize,
  relu: bool,
  workspace: usize,
): void {
  multiply(
    rows,
    columns,
    depth,
    Left.Matrix,
    a,
    aRow,
    aColumn,
    b,
    bRow,
    bColumn,
    c,
    stride,
    bias,
    relu,
    false,
    workspace,
  )
}

/** What the left matrix is: one in memory, what the places of a window see, or that turned round. */
export const enum Left {
  Matrix,
  Places,
  Taps,
}

/** The same for each kind of left matrix (other than one in memory it is the window of the workspace), added to `c` where `accumulate`. */
export function multiply(
  rows: i32,
  columns: i32,
  depth: i32,
  kind: Left,
  a: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bRow: usize,
  bColumn: usize,
  c: usize,
  stride: usize,
  bias: usize,
  relu: bool,
  accumulate: bool,
  workspace: usize,
): void {
  const zeros = workspace + ZEROS
  const part = workspace + BIAS
  const left = workspace + LEFT
  const right = workspace + RIGHT
  v128.store(zeros, f32x4.splat(0))
  v128.store(zeros, f32x4.splat(0), 16)
  for (let j0 = 0; j0 < columns; j0 += COLUMNS) {
    const width = min(COLUMNS, columns - j0)
    for (let k0 = 0; k0 == 0 || k0 < depth; k0 += DEPTH) {
      const steps = min(DEPTH, depth - k0)
      const more = accumulate || k0 > 0
      const least: f32 = relu && k0 + steps >= depth ? 0 : -Infinity
      const plain = !more && bias == 0 && !relu
      packRight(b + <usize>k0 * bRow + <usize>j0 * bColumn, bRow, bColumn, steps, width, right)
      for (let i0 = 0; i0 < rows; i0 += ROWS) {
        const height = min(ROWS, rows - i0)
        if (kind == Left.Matrix)
          packLeft(a + <usize>i0 * aRow + <usize>k0 * aColumn, aRow, aColumn, height, steps, left)
        else if (kind == Left.Places) packPlaces(windowOf(workspace), i0, height, k0, steps, left)
        else packTaps(windowOf(workspace), i0, height, k0, steps, left)
        for (let j = 0; j < width; j += 8) {
          const panel = right + <usize>(j * steps) * FLOAT
          const across = min(8, width - j)
          let from = zeros
          if (bias != 0 && !more) {
            from = bias + <usize>(j0 + j) * FLOAT
            if (across < 8) {
              memory.copy(part, from, <usize>across * FLOAT)
              from = part
            }
          }
          for (let i = 0; i < height; i += 6) {
            const at = c + <usize>(i0 + i) * stride + <usize>(j0 + j) * FLOAT
            const down = min(6, height - i)
            const whole = down == 6 && across == 8
            if (whole && plain) {
              tile(steps, left + <usize>(i * steps) * FLOAT, panel, at, stride)
              continue
            }
            tile(steps, left + <usize>(i * steps) * FLOAT, panel, workspace, 32)
            const before = more ? at : from
            const apart = more ? stride : 0
            if (whole) add(workspace, at, stride, before, apart, least)
            else edge(down, across, workspace, at, stride, before, apart, least)
          }
        }
      }
    }
  }
}

/** `count` products, whose operands and results follow each other by so many bytes (0: the same for all). */
export function gemms(
  count: i32,
  aStep: usize,
  bStep: usize,
  cStep: usize,
  biasStep: usize,
  rows: i32,
  columns: i32,
  depth: i32,
  a: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bRow: usize,
  bColumn: usize,
  c: usize,
  stride: usize,
  bias: usize,
  relu: bool,
  workspace: usize,
): void {
  for (let i = 0; i < count; i++) {
    gemm(rows, columns, depth, a, aRow, aColumn, b, bRow, bColumn, c, stride, bias, relu, workspace)
    a += aStep
    b += bStep
    c += cStep
    bias += biasStep
  }
}
