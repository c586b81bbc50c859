/** Everything wrong with the columns that are to become examples, told at once. */
import { StageError } from "@relent/stage"
import { Effect } from "effect"

/** Messages of more problems say how many more there are. */
const shown = 5

export const stopAt = (problems: ReadonlyArray<string>, hint: string): Effect.Effect<void, StageError> => {
  if (problems.length === 0) return Effect.void
  const more = problems.length - shown
  const list = problems.slice(0, shown).join("; ")
  return Effect.fail(new StageError({ message: more > 0 ? `${list}; and ${more} more like these` : list, hint }))
}
