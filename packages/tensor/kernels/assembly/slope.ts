/** Gradients of activations, one pass: dy times the slope by what the activation gave (y) or was given (x). `out` may lie where either does. */
import { Activation } from "./activation"
import { Lanes } from "./lanes"

/** What is done to four numbers of two tensors. There is never an object of it: the type chooses the method. */
abstract class Slope {
  abstract of(dy: v128, y: v128): v128
}
/** 0 where y <= 0, so that NaN goes through. */
class Relu extends Slope {
  @inline of(dy: v128, y: v128): v128 {
    return v128.andnot(dy, f32x4.le(y, f32x4.splat(0)))
  }
}
/** (1 - y) (1 + y), since 1 - y^2 would lose digits near 1. */
class Tanh extends Slope {
  @inline of(dy: v128, y: v128): v128 {
    const one = f32x4.splat(1)
    return f32x4.mul(f32x4.mul(f32x4.sub(one, y), f32x4.add(one, y)), dy)
  }
}
class Sigmoid extends Slope {
  @inline of(dy: v128, y: v128): v128 {
    return f32x4.mul(f32x4.mul(y, f32x4.sub(f32x4.splat(1), y)), dy)
  }
}
class Silu extends Slope {
  @inline of(dy: v128, x: v128): v128 {
    return f32x4.mul(dy, Activation.siluSlope(x))
  }
}
class Gelu extends Slope {
  @inline of(dy: v128, x: v128): v128 {
    return f32x4.mul(dy, Activation.geluSlope(x))
  }
}

function map<F extends Slope>(dy: usize, y: usize, out: usize, count: i32): void {
  const f = changetype<F>(0)
  const zero = f32x4.splat(0)
  for (; count >= 4; count -= 4) {
    v128.store(out, f.of(v128.load(dy), v128.load(y)))
    dy += 16
    y += 16
    out += 16
  }
  if (count > 0) Lanes.put(out, count, f.of(Lanes.some(dy, count, zero), Lanes.some(y, count, zero)))
}

export function reluGrad(dy: usize, y: usize, out: usize, count: i32): void {
  map<Relu>(dy, y, out, count)
}

export function tanhGrad(dy: usize, y: usize, out: usize, count: i32): void {
  map<Tanh>(dy, y, out, count)
}

export function sigmoidGrad(dy: usize, y: usize, out: usize, count: i32): void {
  map<Sigmoid>(dy, y, out, count)
}

export function siluGrad(dy: usize, x: usize, out: usize, count: i32): void {
  map<Silu>(dy, x, out, count)
}

export function geluGrad(dy: usize, x: usize, out: usize, count: i32): void {
  map<Gelu>(dy, x, out, count)
}
