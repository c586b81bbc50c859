/** Activations and their slopes, four at a time. */
import { Exponential } from "./exponential"
import { Lanes } from "./lanes"

/** The argument of gelu's sigmoid: 2 sqrt(2/pi) (x + 0.044715 x^3). */
const GELU: f32 = 1.5957691216057308
const GELU_CUBIC: f32 = 0.07135481282553307

export abstract class Activation {
  /** Where x < 0, `low`, else `high`. */
  @inline static bySign(x: v128, low: v128, high: v128): v128 {
    return v128.bitselect(low, high, f32x4.lt(x, f32x4.splat(0)))
  }

  @inline static relu(x: v128): v128 {
    return f32x4.pmax(x, f32x4.splat(0)) // NaN stays
  }

  /** An odd polynomial below 5/8, 1 - 2 e / (1 + e) above, e = e^-2|x|. */
  @inline static tanh(x: v128): v128 {
    const a = f32x4.abs(x)
    const s = f32x4.mul(x, x)
    let p = Lanes.madd(f32x4.splat(-5.704986862838268e-3), s, f32x4.splat(2.06390088e-2))
    p = Lanes.madd(p, s, f32x4.splat(-5.37397154e-2))
    p = Lanes.madd(p, s, f32x4.splat(1.33314416e-1))
    p = Lanes.madd(p, s, f32x4.splat(-3.33332807e-1))
    const small = Lanes.madd(f32x4.mul(p, s), a, a)
    const e = Exponential.expDown(f32x4.mul(a, f32x4.splat(-2)))
    const one = f32x4.splat(1)
    const large = f32x4.sub(one, f32x4.div(f32x4.add(e, e), f32x4.add(one, e)))
    return Lanes.signed(v128.bitselect(small, large, f32x4.lt(a, f32x4.splat(0.625))), x)
  }

  /** 1 / (1 + e^-x), of e^-|x|, which doesn't overflow. */
  @inline static sigmoid(x: v128): v128 {
    const one = f32x4.splat(1)
    const e = Exponential.exp(f32x4.neg(f32x4.abs(x)))
    return f32x4.div(Activation.bySign(x, e, one), f32x4.add(one, e))
  }

  /** log(1 + e^x) */
  @inline static softplus(x: v128): v128 {
    const e = Exponential.exp(f32x4.neg(f32x4.abs(x)))
    return f32x4.add(Activation.relu(x), Exponential.log1p(e))
  }

  /** An odd polynomial below 1, above 1 - e^(a q(a)), a = |x|: coefficients by least greatest error in float64. */
  @inline static erf(x: v128): v128 {
    const one = f32x4.splat(1)
    const a = f32x4.abs(x)
    const s = f32x4.mul(x, x)
    let p = Lanes.madd(f32x4.splat(7.853861461626366e-5), s, f32x4.splat(-8.010193705558777e-4))
    p = Lanes.madd(p, s, f32x4.splat(5.188327748328447e-3))
    p = Lanes.madd(p, s, f32x4.splat(-2.6853812858462334e-2))
    p = Lanes.madd(p, s, f32x4.splat(1.128358542919159e-1))
    p = Lanes.madd(p, s, f32x4.splat(-3.761262595653534e-1))
    p = Lanes.madd(p, s, f32x4.splat(1.2837916612625122e-1))
    const small = Lanes.madd(p, a, a)
    const b = f32x4.pmin(a, f32x4.splat(4)) // 1 from there
    let q = Lanes.madd(f32x4.splat(-1.3962275261292234e-5), b, f32x4.splat(3.505903587e-4))
    q = Lanes.madd(q, b, f32x4.splat(-3.757470054551959e-3))
    q = Lanes.madd(q, b, f32x4.splat(2.4010054767131805e-2))
    q = Lanes.madd(q, b, f32x4.splat(-1.0653085261583328e-1))
    q = Lanes.madd(q, b, f32x4.splat(-6.349695324897766e-1))
    q = Lanes.madd(q, b, f32x4.splat(-1.1286942958831787))
    const large = f32x4.sub(one, Exponential.expDown(f32x4.mul(b, q)))
    return Lanes.signed(v128.bitselect(small, large, f32x4.lt(a, one)), x)
  }

  @inline static silu(x: v128): v128 {
    return f32x4.mul(x, Activation.sigmoid(x))
  }

  /** x (1 + tanh(v / 2)) / 2 = x / (1 + e^-v) */
  @inline static gelu(x: v128): v128 {
    const v = f32x4.mul(x, Lanes.madd(f32x4.mul(x, x), f32x4.splat(GELU_CUBIC), f32x4.splat(GELU)))
    return f32x4.mul(x, Activation.sigmoid(v))
  }

  /** s(v) + x v' s(v) s(-v), the slope of x s(v): 1 - s(v) isn't subtracted. */
  @inline static gateSlope(x: v128, v: v128, slope: v128): v128 {
    const one = f32x4.splat(1)
    const e = Exponential.exp(f32x4.neg(f32x4.abs(v)))
    const part = f32x4.div(one, f32x4.add(one, e))
    const other = f32x4.mul(e, part)
    const on = Activation.bySign(v, other, part)
    const off = Activation.bySign(v, part, other)
    return f32x4.mul(on, Lanes.madd(f32x4.mul(x, slope), off, one))
  }

  /** The slope is 0 or 1 from there on. */
  @inline static within(x: v128, bound: f32): v128 {
    return f32x4.pmax(f32x4.pmin(x, f32x4.splat(bound)), f32x4.splat(-bound))
  }

  @inline static siluSlope(x: v128): v128 {
    const y = Activation.within(x, 120)
    return Activation.gateSlope(y, y, f32x4.splat(1))
  }

  @inline static geluSlope(x: v128): v128 {
    const y = Activation.within(x, 20)
    const s = f32x4.mul(y, y)
    const v = f32x4.mul(y, Lanes.madd(s, f32x4.splat(GELU_CUBIC), f32x4.splat(GELU)))
    return Activation.gateSlope(y, v, Lanes.madd(s, f32x4.splat(3 * GELU_CUBIC), f32x4.splat(GELU)))
  }
}
