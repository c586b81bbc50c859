/** Samples by following the probability flow. */

/** `sum_i c_i x_i`, on numbers or tensors. */
export type Combine<X> = (...terms: ReadonlyArray<readonly [coefficient: number, x: X]>) => X

/**
 * One step of Heun's method on dx/dt = (x - D(x, t)) / t from level `t` to `next`: Euler's, then the average of both slopes, except
 * at level 0, where there is no second one.
 *
 * @reference karras2022elucidating
 */
export const heunStep = <X>(x: X, t: number, next: number, denoise: (x: X, t: number) => X, combine: Combine<X>): X => {
  const step = (next - t) / t
  const first = denoise(x, t)
  const euler = combine([1 + step, x], [-step, first])
  if (next === 0) return euler
  const second = (next - t) / next
  return combine([1 + step / 2, x], [-step / 2, first], [second / 2, euler], [-second / 2, denoise(euler, next)])
}

/** From `x` at the first of the levels to the last. */
export const heun = <X>(x: X, levels: ReadonlyArray<number>, denoise: (x: X, t: number) => X, combine: Combine<X>): X =>
  levels.slice(1).reduce((now, next, i) => heunStep(now, levels[i]!, next, denoise, combine), x)
