/** How near two sets of points are, in float64. */
import { betweenPoints, type KernelDivergence, NoPoints, type Points } from "@relent/divergence"
import { StageError } from "@relent/stage"
import { Effect } from "effect"

/** A kernel divergence of two sets; points that give none are the data's mistake. */
export const divergenceOf = (
  divergence: KernelDivergence,
  target: Points,
  points: Points,
  sigma: number,
): Effect.Effect<number, StageError> =>
  Effect.suspend(() => Effect.succeed(betweenPoints(divergence, target, points, sigma))).pipe(
    Effect.catchDefect((thrown) =>
      thrown instanceof NoPoints
        ? Effect.fail(new StageError({ message: thrown.message, hint: "look at the column 'x' of the table" }))
        : Effect.die(thrown),
    ),
  )

/** The row of `target` that is nearest to row `i` of `points`, and its distance. */
export const nearest = (target: Points, points: Points, i: number): readonly [row: number, distance: number] => {
  const { dimension } = target
  let [best, least] = [0, Number.POSITIVE_INFINITY]
  for (let row = 0; row < target.values.length / dimension; row++) {
    let square = 0
    for (let k = 0; k < dimension; k++)
      square += (target.values[row * dimension + k]! - points.values[i * dimension + k]!) ** 2
    if (square < least) [best, least] = [row, square]
  }
  return [best, Math.sqrt(least)]
}
