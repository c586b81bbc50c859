/** How far the borders of two segmentations are apart. */

/** Rows and columns of the pixels in `mask` that have a neighbour outside it, above, below or beside, or lie at the border of the image. */
const borderOf = (mask: ArrayLike<number>, height: number, width: number): ReadonlyArray<readonly [number, number]> => {
  const inside = (y: number, x: number) => y >= 0 && y < height && x >= 0 && x < width && mask[y * width + x] === 1
  const border: Array<readonly [number, number]> = []
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (inside(y, x) && !(inside(y - 1, x) && inside(y + 1, x) && inside(y, x - 1) && inside(y, x + 1)))
        border.push([y, x])
  return border
}

/**
 * The average symmetric surface distance of two masks `[height * width]` of 0 and 1, in pixels: the mean, over the pixels of both
 * borders, of the distance to the nearest pixel of the other border. 0 where both are empty; where one is, the image's diagonal, since no
 * two pixels are further apart.
 *
 * ```ts example
 * import { surfaceDistance } from "@relent/domain-adaptation/surface-distance"
 * surfaceDistance([1, 0, 0, 0], [0, 0, 1, 0], [1, 4]) // => 2
 * ```
 * @reference heimann2009comparison
 */
export const surfaceDistance = (
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  [height, width]: readonly [number, number],
): number => {
  const [first, second] = [borderOf(a, height, width), borderOf(b, height, width)]
  if (first.length === 0 && second.length === 0) return 0
  if (first.length === 0 || second.length === 0) return Math.hypot(height, width)
  const total = (from: typeof first, to: typeof first) =>
    from.reduce((sum, [y, x]) => {
      let nearest = Number.POSITIVE_INFINITY
      for (const [v, u] of to) nearest = Math.min(nearest, (y - v) ** 2 + (x - u) ** 2)
      return sum + Math.sqrt(nearest)
    }, 0)
  return (total(first, second) + total(second, first)) / (first.length + second.length)
}
