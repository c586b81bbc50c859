/** One operation on each number: `out` may lie where `x` does, and a tensor be given in parts. */
import { Activation } from "./activation"
import { Exponential } from "./exponential"
import { Lanes } from "./lanes"

/** What is done to four numbers. There is never an object of it: the type chooses the method. */
abstract class Unary {
  abstract of(x: v128): v128
}
class Exp extends Unary {
  @inline of(x: v128): v128 {
    return Exponential.exp(x)
  }
}
class Log extends Unary {
  @inline of(x: v128): v128 {
    return Exponential.log(x)
  }
}
class Expm1 extends Unary {
  @inline of(x: v128): v128 {
    return Exponential.expm1(x)
  }
}
class Log1p extends Unary {
  @inline of(x: v128): v128 {
    return Exponential.log1p(x)
  }
}
class Sqrt extends Unary {
  @inline of(x: v128): v128 {
    return f32x4.sqrt(x)
  }
}
class Rsqrt extends Unary {
  @inline of(x: v128): v128 {
    return f32x4.div(f32x4.splat(1), f32x4.sqrt(x))
  }
}
/** -1, 0, 1, and 0 for what is no number. */
class Sign extends Unary {
  @inline of(x: v128): v128 {
    const zero = f32x4.splat(0)
    const there = v128.or(f32x4.lt(x, zero), f32x4.gt(x, zero))
    return v128.bitselect(Lanes.signed(f32x4.splat(1), x), v128.andnot(x, f32x4.ne(x, x)), there)
  }
}
class Relu extends Unary {
  @inline of(x: v128): v128 {
    return Activation.relu(x)
  }
}
class Tanh extends Unary {
  @inline of(x: v128): v128 {
    return Activation.tanh(x)
  }
}
class Sigmoid extends Unary {
  @inline of(x: v128): v128 {
    return Activation.sigmoid(x)
  }
}
class Softplus extends Unary {
  @inline of(x: v128): v128 {
    return Activation.softplus(x)
  }
}
class Erf extends Unary {
  @inline of(x: v128): v128 {
    return Activation.erf(x)
  }
}
class Silu extends Unary {
  @inline of(x: v128): v128 {
    return Activation.silu(x)
  }
}
class Gelu extends Unary {
  @inline of(x: v128): v128 {
    return Activation.gelu(x)
  }
}

function map<F extends Unary>(x: usize, out: usize, count: i32): void {
  const f = changetype<F>(0)
  for (; count >= 4; count -= 4) {
    v128.store(out, f.of(v128.load(x)))
    x += 16
    out += 16
  }
  if (count > 0) Lanes.put(out, count, f.of(Lanes.some(x, count, f32x4.splat(0))))
}

export function exp(x: usize, out: usize, count: i32): void {
  map<Exp>(x, out, count)
}

export function log(x: usize, out: usize, count: i32): void {
  map<Log>(x, out, count)
}

export function expm1(x: usize, out: usize, count: i32): void {
  map<Expm1>(x, out, count)
}

export function log1p(x: usize, out: usize, count: i32): void {
  map<Log1p>(x, out, count)
}

export function sqrt(x: usize, out: usize, count: i32): void {
  map<Sqrt>(x, out, count)
}

export function rsqrt(x: usize, out: usize, count: i32): void {
  map<Rsqrt>(x, out, count)
}

export function sign(x: usize, out: usize, count: i32): void {
  map<Sign>(x, out, count)
}

export function relu(x: usize, out: usize, count: i32): void {
  map<Relu>(x, out, count)
}

export function tanh(x: usize, out: usize, count: i32): void {
  map<Tanh>(x, out, count)
}

export function sigmoid(x: usize, out: usize, count: i32): void {
  map<Sigmoid>(x, out, count)
}

export function softplus(x: usize, out: usize, count: i32): void {
  map<Softplus>(x, out, count)
}

export function erf(x: usize, out: usize, count: i32): void {
  map<Erf>(x, out, count)
}

export function silu(x: usize, out: usize, count: i32): void {
  map<Silu>(x, out, count)
}

export function gelu(x: usize, out: usize, count: i32): void {
  map<Gelu>(x, out, count)
}

abstract class Between {
  abstract of(x: v128, least: v128, most: v128): v128
}
/** NaN stays. */
class Floats extends Between {
  @inline of(x: v128, least: v128, most: v128): v128 {
    return f32x4.max(f32x4.min(x, most), least)
  }
}
class Integers extends Between {
  @inline of(x: v128, least: v128, most: v128): v128 {
    return i32x4.max_s(i32x4.min_s(x, most), least)
  }
}

function clamp<B extends Between>(x: usize, out: usize, count: i32, least: v128, most: v128): void {
  const between = changetype<B>(0)
  for (; count >= 4; count -= 4) {
    v128.store(out, between.of(v128.load(x), least, most))
    x += 16
    out += 16
  }
  if (count > 0) Lanes.put(out, count, between.of(Lanes.some(x, count, least), least, most))
}

/** What lies between two numbers, else the nearer of them. */
export function clip(x: usize, out: usize, count: i32, low: f32, high: f32): void {
  clamp<Floats>(x, out, count, f32x4.splat(low), f32x4.splat(high))
}

export function clipIntegers(x: usize, out: usize, count: i32, low: i32, high: i32): void {
  clamp<Integers>(x, out, count, i32x4.splat(low), i32x4.splat(high))
}
