/**
 * The inner loop of every product: a tile of 6 rows and 8 columns in 12 registers, of panels packed so that it reads them from front to
 * back. Wasm names no registers and V8 allots them by itself: anything but stores after the loop makes it spill inside (55 to 24
 * GFLOP/s), hence the unrolled text, and what is done to the tile afterwards is another function.
 */
import { Lanes } from "./lanes"

/** c[6, 8] = a b of `depth` steps: `a` holds 6 floats a step, `b` 8; rows of `c` are `stride` bytes apart. */
export function tile(depth: i32, a: usize, b: usize, c: usize, stride: usize): void {
  const zero = f32x4.splat(0)
  let c00 = zero
  let c01 = zero
  let c10 = zero
  let c11 = zero
  let c20 = zero
  let c21 = zero
  let c30 = zero
  let c31 = zero
  let c40 = zero
  let c41 = zero
  let c50 = zero
  let c51 = zero
  let b0 = zero
  let b1 = zero
  let x = zero
  for (let k = depth; k > 0; k--) {
    b0 = v128.load(b)
    b1 = v128.load(b, 16)
    x = v128.load_splat<f32>(a, 0)
    c00 = Lanes.madd(x, b0, c00)
    c01 = Lanes.madd(x, b1, c01)
    x = v128.load_splat<f32>(a, 4)
    c10 = Lanes.madd(x, b0, c10)
    c11 = Lanes.madd(x, b1, c11)
    x = v128.load_splat<f32>(a, 8)
    c20 = Lanes.madd(x, b0, c20)
    c21 = Lanes.madd(x, b1, c21)
    x = v128.load_splat<f32>(a, 12)
    c30 = Lanes.madd(x, b0, c30)
    c31 = Lanes.madd(x, b1, c31)
    x = v128.load_splat<f32>(a, 16)
    c40 = Lanes.madd(x, b0, c40)
    c41 = Lanes.madd(x, b1, c41)
    x = v128.load_splat<f32>(a, 20)
    c50 = Lanes.madd(x, b0, c50)
    c51 = Lanes.madd(x, b1, c51)
    b += 32
    a += 24
  }
  v128.store(c, c00)
  v128.store(c, c01, 16)
  c += stride
  v128.store(c, c10)
  v128.store(c, c11, 16)
  c += stride
  v128.store(c, c20)
  v128.store(c, c21, 16)
  c += stride
  v128.store(c, c30)
  v128.store(c, c31, 16)
  c += stride
  v128.store(c, c40)
  v128.store(c, c41, 16)
  c += stride
  v128.store(c, c50)
  v128.store(c, c51, 16)
}

/** c[6, 8] = max(tile + from, least): `from` is what was there, or a bias (rows 0 bytes apart). */
export function add(tile: usize, c: usize, stride: usize, from: usize, fromStride: usize, least: f32): void {
  const low = f32x4.splat(least)
  for (let row = 0; row < 6; row++) {
    v128.store(c, f32x4.max(low, f32x4.add(v128.load(tile), v128.load(from))))
    v128.store(c, f32x4.max(low, f32x4.add(v128.load(tile, 16), v128.load(from, 16))), 16)
    tile += 32
    c += stride
    from += fromStride
  }
}
