/** A synthetic organ: an ellipse beside a bright spot that isn't one, as two scanners show them. */
import type { Draws } from "@relent/random"

/** Pixels of a side. */
export const side = 20
/** How often there is an ellipse. */
const present = 0.75

/** What there is to see, before a scanner sees it; row by row. */
export interface Scene {
  readonly base: Float64Array
  /** 1 in the ellipse, 0 outside. */
  readonly mask: Uint8Array
}

/**
 * An ellipse with centre U(6, 14)^2, semi-axes U(2.5, 4.5) and angle U(0, pi), and g, a Gaussian bump of deviation 2 with centre
 * U(2, 18)^2: base = 0.3 + 0.4 mask + 0.2 g (1 - mask) + N(0, 0.03^2) for the image.
 */
export const drawScene = ({ uniform, normal }: Draws): Scene => {
  const between = (low: number, high: number) => low + (high - low) * uniform()
  const there = uniform() < present
  const [column, row] = [between(6, 14), between(6, 14)]
  const [a, b] = [between(2.5, 4.5), between(2.5, 4.5)]
  const angle = between(0, Math.PI)
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  const [spotColumn, spotRow] = [between(2, 18), between(2, 18)]
  const brightness = 0.03 * normal()
  const base = new Float64Array(side * side)
  const mask = new Uint8Array(side * side)
  for (let i = 0; i < base.length; i++) {
    const [x, y] = [i % side, Math.floor(i / side)]
    const [dx, dy] = [x - column, y - row]
    const inside = ((dx * c + dy * s) / a) ** 2 + ((dy * c - dx * s) / b) ** 2 <= 1
    mask[i] = there && inside ? 1 : 0
    const g = Math.exp(-((x - spotColumn) ** 2 + (y - spotRow) ** 2) / (2 * 2 ** 2))
    base[i] = 0.3 + 0.4 * mask[i]! + 0.2 * g * (1 - mask[i]!) + brightness
  }
  return { base, mask }
}

/** What a scanner makes of a scene: `[side * side]`, with noise N(0, 0.1^2) in every pixel. */
export type Scanner = (base: Float64Array, draws: Draws) => Float32Array

export const scanners = {
  /** x = base + noise. */
  source: (base, { normal }) => Float32Array.from(base, (v) => v + 0.1 * normal()),
  /** x = 0.25 + 0.55 (base - 0.3) + 0.12 (u1 (col - 10) / 10 + u2 (row - 10) / 10) + noise, u ~ U(-1, 1): darker, shaded, less contrast. */
  target: (base, { uniform, normal }) => {
    const [u1, u2] = [2 * uniform() - 1, 2 * uniform() - 1]
    return Float32Array.from(base, (v, i) => {
      const shade = (u1 * ((i % side) - 10)) / 10 + (u2 * (Math.floor(i / side) - 10)) / 10
      return 0.25 + 0.55 * (v - 0.3) + 0.12 * shade + 0.1 * normal()
    })
  },
} as const satisfies { readonly [domain: string]: Scanner }
