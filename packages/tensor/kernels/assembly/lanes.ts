/** Four floats at a time: what every family is made of. Inlined: a call for each vector costs more than what it computes. */
export abstract class Lanes {
  /** a b + c, in one rounding where the machine has that and the module was built for it. */
  @inline static madd(a: v128, b: v128, c: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
    return f32x4.add(f32x4.mul(a, b), c)
  }

  @inline static sum(v: v128): f32 {
    return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  }

  /** y with the sign of x: for functions that have it, and are so at -0 as well. */
  @inline static signed(y: v128, x: v128): v128 {
    return v128.bitselect(x, y, f32x4.splat(-0.0))
  }

  @inline static max(v: v128): f32 {
    return max<f32>(
      max<f32>(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
      max<f32>(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
    )
  }

  /** Of so many bytes, a multiple of 4: a call of the memory's own copy costs more than a short row. */
  @inline static copy(from: usize, to: usize, bytes: usize): void {
    if (bytes >= 1024) {
      memory.copy(to, from, bytes)
    } else {
      let at: usize = 0
      for (; at + 16 <= bytes; at += 16) v128.store(to + at, v128.load(from + at))
      for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(from + at))
    }
  }

  /** The 1 to 3 floats at a row's end, and `rest` in the other lanes. */
  @inline static some(from: usize, count: i32, rest: v128): v128 {
    let v = v128.load_lane<f32>(from, rest, 0)
    if (count > 1) v = v128.load_lane<f32>(from, v, 1, 4)
    if (count > 2) v = v128.load_lane<f32>(from, v, 2, 8)
    return v
  }

  /** Four floats, or what `count` says are left of a row, and 0 in the other lanes. */
  @inline static load(from: usize, count: i32): v128 {
    return count >= 4 ? v128.load(from) : Lanes.some(from, count, f32x4.splat(0))
  }

  @inline static store(to: usize, count: i32, v: v128): void {
    if (count >= 4) v128.store(to, v)
    else Lanes.put(to, count, v)
  }

  /** The first 1 to 3 lanes, at a row's end. */
  @inline static put(to: usize, count: i32, v: v128): void {
    v128.store_lane<f32>(to, v, 0)
    if (count > 1) v128.store_lane<f32>(to, v, 1, 4)
    if (count > 2) v128.store_lane<f32>(to, v, 2, 8)
  }
}
