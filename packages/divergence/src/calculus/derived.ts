/** What is derived from a generator, as generators and as expressions. */
import type { Generator } from "../arithmetic.ts"
import { type Expression, finished, monomial, scaled, sum, times } from "./expression.ts"
import { logSlope, read } from "./symbolic.ts"

/** Everything that follows from a generator, in normal form. */
export interface Derived {
  /** `f(u)`. */
  readonly f: Expression
  /** `f(u) / u`. */
  readonly perTarget: Expression
  /** `(u f'(u) - f(u)) / u`, its derivative along `log u`. */
  readonly perTargetSlope: Expression
  /** `f'(u)`. */
  readonly slope: Expression
  /** `u f'(u)`: the derivative of D by `log target`, over the model. */
  readonly byTarget: Expression
  /** `f(u) - u f'(u)`: the derivative of D by the model, `f*'(t)` at `t = 1/u`. */
  readonly byModel: Expression
  /** `-u^2 f''(u)`, its derivative along `log u`. */
  readonly byModelSlope: Expression
  /** `u^2 f''(u)`. */
  readonly scoreWeight: Expression
}

export const derive = (generator: Generator): Derived => {
  const f = read(generator)
  const byTarget = logSlope(f)
  const byModel = sum(f, scaled(byTarget, -1))
  const scoreWeight = sum(logSlope(byTarget), scaled(byTarget, -1))
  const perU = (x: Expression) => times(x, monomial(1, -1))
  return {
    f: finished(f),
    perTarget: finished(perU(f)),
    perTargetSlope: finished(scaled(perU(byModel), -1)),
    slope: finished(perU(byTarget)),
    byTarget: finished(byTarget),
    byModel: finished(byModel),
    byModelSlope: finished(scaled(scoreWeight, -1)),
    scoreWeight: finished(scoreWeight),
  }
}

/** `f*(t) = t f(1/t)`: the same divergence, read in `t = model / target`. */
export const dualGenerator =
  (f: Generator): Generator =>
  (t, a) =>
    a.mul(t, f(a.div(1, t), a))

/** `f(u) + c (u - 1)`: the same divergence, since both sides sum to one. */
export const tilted =
  (f: Generator, c: number): Generator =>
  (u, a) =>
    a.add(f(u, a), a.mul(c, a.sub(u, 1)))
