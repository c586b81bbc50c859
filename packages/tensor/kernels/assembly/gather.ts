/** Rows by number, and sums of rows by number. Numbers are int32. */
import { Lanes } from "./lanes"

/** out[groups, count, bytes] of x[groups, size, bytes], by the numbers ids[count]. None lies outside. */
export function gather(x: usize, ids: usize, out: usize, groups: i32, size: i32, count: i32, bytes: usize): void {
  for (let g = 0; g < groups; g++) {
    for (let i = 0; i < count; i++) {
      Lanes.copy(x + <usize>load<i32>(ids + ((<usize>i) << 2)) * bytes, out, bytes)
      out += bytes
    }
    x += <usize>size * bytes
  }
}

/** Columns `from` to `to` of out[segments, width]: rows of x[count, width] added up in order; those with a number outside are in no sum. */
export function sumByIds(
  x: usize,
  ids: usize,
  out: usize,
  count: i32,
  width: i32,
  segments: i32,
  from: i32,
  to: i32,
): void {
  const stride = (<usize>width) << 2
  const first = (<usize>from) << 2
  const bytes = (<usize>(to - from)) << 2
  for (let s = 0; s < segments; s++) memory.fill(out + <usize>s * stride + first, 0, bytes)
  let row = x + first
  for (let i = 0; i < count; i++) {
    const id = load<i32>(ids + ((<usize>i) << 2))
    if (id >= 0 && id < segments) {
      const sum = out + <usize>id * stride + first
      let at: usize = 0
      for (; at + 16 <= bytes; at += 16) v128.store(sum + at, f32x4.add(v128.load(sum + at), v128.load(row + at)))
      for (; at < bytes; at += 4) store<f32>(sum + at, load<f32>(sum + at) + load<f32>(row + at))
    }
    row += stride
  }
}
