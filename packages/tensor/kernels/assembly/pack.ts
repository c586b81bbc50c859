/**
 * Parts of matrices laid out as the inner loop reads them: panels of 6 rows of the left one, of 8 columns of the right one, step by step,
 * zeros beyond the edge. Element (i, j) is at `i rowStride + j columnStride`, in bytes, so a transposed matrix is one with its strides
 * exchanged.
 */

/** Four rows of four, turned: from rows `from + i stride` to rows `to + i toStride`. */
export function turn(from: usize, stride: usize, to: usize, toStride: usize): void {
  const r0 = v128.load(from)
  const r1 = v128.load(from + stride)
  const r2 = v128.load(from + 2 * stride)
  const r3 = v128.load(from + 3 * stride)
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
  const t1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
  const t2 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
  const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<i64>(t0, t2, 0, 2))
  v128.store(to + toStride, v128.shuffle<i64>(t0, t2, 1, 3))
  v128.store(to + 2 * toStride, v128.shuffle<i64>(t1, t3, 0, 2))
  v128.store(to + 3 * toStride, v128.shuffle<i64>(t1, t3, 1, 3))
}

const FLOAT: usize = 4

/** Panels of 8 columns: `[columns / 8][depth][8]`. */
export function packRight(b: usize, rowStride: usize, columnStride: usize, depth: i32, columns: i32, to: usize): void {
  for (let j = 0; j < columns; j += 8) {
    const width = min(8, columns - j)
    let from = b + <usize>j * columnStride
    let k = 0
    if (width == 8 && columnStride == FLOAT) {
      for (; k < depth; k++) {
        v128.store(to, v128.load(from))
        v128.store(to, v128.load(from, 16), 16)
        from += rowStride
        to += 32
      }
    } else if (width == 8 && rowStride == FLOAT) {
      for (; k + 4 <= depth; k += 4) {
        turn(from, columnStride, to, 32)
        turn(from + 4 * columnStride, columnStride, to + 16, 32)
        from += 16
        to += 128
      }
    }
    for (; k < depth; k++) {
      for (let i = 0; i < width; i++) store<f32>(to + (i << 2), load<f32>(from + <usize>i * columnStride))
      for (let i = width; i < 8; i++) store<f32>(to + (i << 2), 0)
      from += rowStride
      to += 32
    }
  }
}

/** Panels of 6 rows: `[rows / 6][depth][6]`. */
export function packLeft(a: usize, rowStride: usize, columnStride: usize, rows: i32, depth: i32, to: usize): void {
  for (let i = 0; i < rows; i += 6) {
    const height = min(6, rows - i)
    let from = a + <usize>i * rowStride
    let k = 0
    if (height == 6 && rowStride == FLOAT) {
      for (; k < depth; k++) {
        v128.store(to, v128.load(from))
        store<u64>(to, load<u64>(from, 16), 16)
        from += columnStride
        to += 24
      }
    } else if (height == 6 && columnStride == FLOAT) {
      for (; k + 4 <= depth; k += 4) {
        turn(from, rowStride, to, 24)
        const r4 = v128.load(from + 4 * rowStride)
        const r5 = v128.load(from + 5 * rowStride)
        const low = v128.shuffle<f32>(r4, r5, 0, 4, 1, 5)
        const high = v128.shuffle<f32>(r4, r5, 2, 6, 3, 7)
        v128.store_lane<u64>(to, low, 0, 16)
        v128.store_lane<u64>(to, low, 1, 40)
        v128.store_lane<u64>(to, high, 0, 64)
        v128.store_lane<u64>(to, high, 1, 88)
        from += 16
        to += 96
      }
    }
    for (; k < depth; k++) {
      for (let r = 0; r < height; r++) store<f32>(to + (r << 2), load<f32>(from + <usize>r * rowStride))
      for (let r = height; r < 6; r++) store<f32>(to + (r << 2), 0)
      from += columnStride
      to += 24
    }
  }
}
