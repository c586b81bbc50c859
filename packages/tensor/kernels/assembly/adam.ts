/** A step of Adam in one pass. Products are rounded before they are added, so it has the bits of the formula by parts. */
import { Lanes } from "./lanes"

abstract class Adam {
  /** b old + (1-b) new, the second number given as well: 1 - b is rounded from float64. */
  @inline static mix(b: v128, old: v128, rest: v128, next: v128): v128 {
    return f32x4.add(f32x4.mul(old, b), f32x4.mul(next, rest))
  }

  @inline static moved(weight: v128, mean: v128, square: v128, rate: v128, epsilon: v128): v128 {
    return f32x4.sub(weight, f32x4.mul(f32x4.div(mean, f32x4.add(f32x4.sqrt(square), epsilon)), rate))
  }
}

/**
 * m' = b1 m + (1-b1) g, v' = b2 v + (1-b2) g^2, w' = decay w - rate m' / (sqrt(v') + epsilon). Rate, epsilon and decay lie at addresses;
 * 0 for no decay. The outputs may lie where the inputs do.
 */
export function adam(
  weight: usize,
  mean: usize,
  square: usize,
  gradient: usize,
  rate: usize,
  epsilon: usize,
  decay: usize,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  weightOut: usize,
  meanOut: usize,
  squareOut: usize,
  count: i32,
): void {
  const b1 = f32x4.splat(beta1)
  const r1 = f32x4.splat(rest1)
  const b2 = f32x4.splat(beta2)
  const r2 = f32x4.splat(rest2)
  const by = f32x4.splat(load<f32>(rate))
  const eps = f32x4.splat(load<f32>(epsilon))
  const kept = f32x4.splat(decay == 0 ? 1 : load<f32>(decay))
  let at: usize = 0
  for (; count >= 4; count -= 4) {
    const g = v128.load(gradient + at)
    const m = Adam.mix(b1, v128.load(mean + at), r1, g)
    const v = Adam.mix(b2, v128.load(square + at), r2, f32x4.mul(g, g))
    const w = Adam.moved(f32x4.mul(v128.load(weight + at), kept), m, v, by, eps)
    v128.store(meanOut + at, m)
    v128.store(squareOut + at, v)
    v128.store(weightOut + at, w)
    at += 16
  }
  if (count == 0) return
  const zero = f32x4.splat(0)
  const g = Lanes.some(gradient + at, count, zero)
  const m = Adam.mix(b1, Lanes.some(mean + at, count, zero), r1, g)
  const v = Adam.mix(b2, Lanes.some(square + at, count, zero), r2, f32x4.mul(g, g))
  const w = Adam.moved(f32x4.mul(Lanes.some(weight + at, count, zero), kept), m, v, by, eps)
  Lanes.put(meanOut + at, count, m)
  Lanes.put(squareOut + at, count, v)
  Lanes.put(weightOut + at, count, w)
}
