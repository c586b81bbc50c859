/**
 * Exponentials and logarithms, four at a time. e^x = 2^n e^r with n the whole number next to x / ln 2, so |r| <= ln 2 / 2; of a logarithm
 * x = 2^e m with m between sqrt 1/2 and sqrt 2. Numbers go through NaN untouched: the scale 2^n is multiplied, never added to exponents.
 */
import { Lanes } from "./lanes"

/** Added to a small number, its whole part lies in the lowest bits. */
const MAGIC: f32 = 12582912
const LOG2E: f32 = 1.4426950408889634
/** ln 2 in two parts: the first times a whole number below 512 is exact. */
const LN2_HIGH: f32 = 0.693145751953125
const LN2_LOW: f32 = 1.4286068203094173e-6
/** Below it e^x is no normal number. */
const LOWEST: f32 = -87.3

export abstract class Exponential {
  /** r = x - n ln 2 */
  @inline static rest(x: v128, n: v128): v128 {
    return Lanes.madd(n, f32x4.splat(-LN2_LOW), Lanes.madd(n, f32x4.splat(-LN2_HIGH), x))
  }

  /** e^r - 1 = r + r^2 (1/2 + r/6 + ...) */
  @inline static small(r: v128): v128 {
    let p = Lanes.madd(f32x4.splat(1.98756915e-4), r, f32x4.splat(1.3981999507e-3))
    p = Lanes.madd(p, r, f32x4.splat(8.3334519073e-3))
    p = Lanes.madd(p, r, f32x4.splat(4.1665795894e-2))
    p = Lanes.madd(p, r, f32x4.splat(1.6666665459e-1))
    p = Lanes.madd(p, r, f32x4.splat(0.5))
    return Lanes.madd(f32x4.mul(r, r), p, r)
  }

  /** 2^n of whole numbers from -126 to 127. */
  @inline static power(n: v128): v128 {
    return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23)
  }

  /** e^x: gradual underflow, Infinity above 88.72, NaN of NaN. */
  @inline static exp(x: v128): v128 {
    const within = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-104)) // NaN stays
    const t = Lanes.madd(within, f32x4.splat(LOG2E), f32x4.splat(MAGIC))
    const grown = f32x4.add(
      Exponential.small(Exponential.rest(within, f32x4.sub(t, f32x4.splat(MAGIC)))),
      f32x4.splat(1),
    )
    // 2^n in two factors: n goes from -150 to 128.
    const n = i32x4.sub(t, i32x4.splat(0x4b400000))
    const half = i32x4.shr_s(n, 1)
    return f32x4.mul(f32x4.mul(grown, Exponential.power(half)), Exponential.power(i32x4.sub(n, half)))
  }

  /** e^x of x <= 0 (and a little above): exactly 0 below -87.3, NaN of NaN. */
  @inline static expDown(x: v128): v128 {
    const magic = f32x4.splat(MAGIC + 127)
    const t = Lanes.madd(x, f32x4.splat(LOG2E), magic)
    const grown = f32x4.add(Exponential.small(Exponential.rest(x, f32x4.sub(t, magic))), f32x4.splat(1))
    // The lowest nine bits of t are n + 127. What comes out of numbers too low is cleared.
    return v128.andnot(f32x4.mul(grown, i32x4.shl(t, 23)), f32x4.lt(x, f32x4.splat(LOWEST)))
  }

  /**
   * e^x of x <= 0 as a part of a sum that has one of 1: of an x that is off by its last place, and never below e^-87.3. 2^n 2^f with f the
   * rest of x / ln 2, whose polynomial is off by 1.1e-7 at most, before rounding. NaN of NaN.
   */
  @inline static part(x: v128): v128 {
    const magic = f32x4.splat(MAGIC + 127)
    const within = f32x4.pmax(x, f32x4.splat(LOWEST)) // NaN stays
    const t = Lanes.madd(within, f32x4.splat(LOG2E), magic)
    const f = Lanes.madd(within, f32x4.splat(LOG2E), f32x4.sub(magic, t))
    let p = Lanes.madd(f32x4.splat(1.3264737e-3), f, f32x4.splat(9.6715166e-3))
    p = Lanes.madd(p, f, f32x4.splat(5.5507338e-2))
    p = Lanes.madd(p, f, f32x4.splat(2.4022242e-1))
    p = Lanes.madd(p, f, f32x4.splat(6.9314698e-1))
    p = Lanes.madd(p, f, f32x4.splat(1))
    return f32x4.mul(p, i32x4.shl(t, 23))
  }

  @inline static exp1(x: f32): f32 {
    return f32x4.extract_lane(Exponential.exp(f32x4.splat(x)), 0)
  }

  @inline static expDown1(x: f32): f32 {
    return f32x4.extract_lane(Exponential.expDown(f32x4.splat(x)), 0)
  }

  /** log x: -Infinity of 0, NaN below, Infinity of Infinity. */
  @inline static log(x: v128): v128 {
    // Denormals times 2^23.
    const low = f32x4.lt(x, f32x4.splat(1.17549435e-38))
    const normal = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, low)
    // Bits from those of sqrt 1/2 on: the exponent is above the mantissa.
    const e = i32x4.shr_s(i32x4.sub(normal, i32x4.splat(0x3f3504f3)), 23)
    const f = f32x4.sub(i32x4.sub(normal, i32x4.shl(e, 23)), f32x4.splat(1))
    const exponent = f32x4.convert_i32x4_s(i32x4.sub(e, v128.and(low, i32x4.splat(23))))
    // log(1 + f) = f - f^2/2 + f^3 (1/3 - f/4 + ...)
    let p = Lanes.madd(f32x4.splat(7.0376836292e-2), f, f32x4.splat(-1.151461031e-1))
    p = Lanes.madd(p, f, f32x4.splat(1.167699874e-1))
    p = Lanes.madd(p, f, f32x4.splat(-1.2420140846e-1))
    p = Lanes.madd(p, f, f32x4.splat(1.4249322787e-1))
    p = Lanes.madd(p, f, f32x4.splat(-1.6668057665e-1))
    p = Lanes.madd(p, f, f32x4.splat(2.0000714765e-1))
    p = Lanes.madd(p, f, f32x4.splat(-2.4999993993e-1))
    p = Lanes.madd(p, f, f32x4.splat(3.3333331174e-1))
    const square = f32x4.mul(f, f)
    p = f32x4.mul(f32x4.mul(p, f), square)
    p = Lanes.madd(exponent, f32x4.splat(LN2_LOW), p)
    p = f32x4.add(f, Lanes.madd(square, f32x4.splat(-0.5), p))
    p = Lanes.madd(exponent, f32x4.splat(LN2_HIGH), p)
    const infinite = f32x4.splat(Infinity)
    p = v128.bitselect(infinite, p, f32x4.eq(x, infinite))
    p = v128.bitselect(f32x4.splat(-Infinity), p, f32x4.eq(x, f32x4.splat(0)))
    return v128.or(p, v128.not(f32x4.ge(x, f32x4.splat(0)))) // all bits are a NaN
  }

  @inline static log1(x: f32): f32 {
    return f32x4.extract_lane(Exponential.log(f32x4.splat(x)), 0)
  }

  /** e^x - 1: as precise near 0. */
  @inline static expm1(x: v128): v128 {
    const within = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-20))
    const t = Lanes.madd(within, f32x4.splat(LOG2E), f32x4.splat(MAGIC))
    const small = Exponential.small(Exponential.rest(within, f32x4.sub(t, f32x4.splat(MAGIC))))
    // 2^n small + 2^n - 1 = (2^h small + (2^h - 2^-k)) 2^k, n = h + k
    const n = i32x4.sub(t, i32x4.splat(0x4b400000))
    const half = i32x4.shr_s(n, 1)
    const other = i32x4.sub(n, half)
    const scale = Exponential.power(half)
    const one = f32x4.sub(scale, Exponential.power(i32x4.neg(other)))
    const y = f32x4.mul(Lanes.madd(small, scale, one), Exponential.power(other))
    return Lanes.signed(y, x)
  }

  /** log(1 + x): as precise near 0. */
  @inline static log1p(x: v128): v128 {
    const one = f32x4.splat(1)
    const u = f32x4.add(x, one)
    // What u has lost, relative to it; nothing at 0 and Infinity.
    const lost = f32x4.div(f32x4.sub(x, f32x4.sub(u, one)), u)
    const inside = v128.and(f32x4.gt(u, f32x4.splat(0)), f32x4.lt(u, f32x4.splat(Infinity)))
    return Lanes.signed(f32x4.add(Exponential.log(u), v128.and(lost, inside)), x)
  }
}
