/** Numbers repeated along an axis. */
import { Lanes } from "./lanes"

/** out[outer, times, inner] = x[outer, inner], each repeated. */
export function spread(x: usize, outer: i32, times: i32, inner: i32, out: usize): void {
  const bytes = (<usize>inner) << 2
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      const v = load<f32>(x)
      let t = 0
      for (; t + 4 <= times; t += 4) {
        v128.store(out, f32x4.splat(v))
        out += 16
      }
      for (; t < times; t++) {
        store<f32>(out, v)
        out += 4
      }
    } else {
      for (let t = 0; t < times; t++) {
        Lanes.copy(x, out, bytes)
        out += bytes
      }
    }
    x += bytes
  }
}
