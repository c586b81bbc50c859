/** Levels of noise. */

/** From `min` to `max`, both above 0. */
export interface Levels {
  readonly min: number
  readonly max: number
}

/** `(max^(1/rho) + u (min^(1/rho) - max^(1/rho)))^rho`, `u` in [0, 1]: `max` at 0, `min` at 1. @reference karras2022elucidating */
export const levelAt = (u: number, { min, max }: Levels, rho = 7): number =>
  (max ** (1 / rho) + u * (min ** (1 / rho) - max ** (1 / rho))) ** rho

/** The levels of a sampler of `steps` steps, from `max` down to `min`, and 0 at last. @reference karras2022elucidating */
export const descending = (steps: number, levels: Levels): ReadonlyArray<number> => [
  ...Array.from({ length: steps }, (_, i) => (steps === 1 ? levels.max : levelAt(i / (steps - 1), levels))),
  0,
]
