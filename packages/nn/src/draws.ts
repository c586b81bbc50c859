/** Random numbers that a batch brings: every member draws by itself, and so alike in any company. */
import { product, tensorValue } from "@relent/arrow"
import type { Draws, Source } from "@relent/random"

interface Draw {
  readonly random: Source
  readonly members: number
}

/** `[members, ...shape]`: member m takes what `of` gives of `random(purpose, m, ...counters)`. */
const together = (
  { random, members }: Draw,
  shape: ReadonlyArray<number>,
  [purpose, ...counters]: readonly [purpose: string, ...counters: ReadonlyArray<number>],
  of: (draws: Draws, size: number) => ArrayLike<number>,
) => {
  const size = product(shape)
  const out = new Float32Array(members * size)
  for (let m = 0; m < members; m++) out.set(of(random(purpose, m, ...counters), size), m * size)
  return tensorValue("float32", out, [members, ...shape])
}

/** Standard normal draws, float32 `[members, ...shape]`. */
export const normals = (
  draw: Draw,
  shape: ReadonlyArray<number>,
  ...what: readonly [purpose: string, ...counters: ReadonlyArray<number>]
) => together(draw, shape, what, (draws, size) => draws.normals(size))

/** A function of uniform draws, float32 `[members, ...shape]`. */
export const uniforms = (
  draw: Draw,
  shape: ReadonlyArray<number>,
  of: (u: number) => number,
  ...what: readonly [purpose: string, ...counters: ReadonlyArray<number>]
) => together(draw, shape, what, (draws, size) => draws.uniforms(size).map(of))
