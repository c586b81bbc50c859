/** Whether a batch can be drawn from the data. */
import { StageError } from "@relent/stage"
import { Effect } from "effect"

export const checkBatch = (batch: number, rows: number): Effect.Effect<void, StageError> =>
  batch <= rows
    ? Effect.void
    : Effect.fail(
        new StageError({
          message: `a batch of ${batch} can't be drawn from ${rows} examples`,
          hint: "make 'batch' smaller",
        }),
      )
