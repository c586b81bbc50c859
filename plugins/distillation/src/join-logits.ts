/** A teacher is a table: its rows are found by id. */
import { StageError } from "@relent/stage"
import { Effect } from "effect"

/** The teacher's logits in the order of the examples, joined by id; an id that is missing or there twice is an error. */
export const joinLogits = (
  ids: Int32Array,
  { id: teacherIds, logits }: { readonly id: Int32Array; readonly logits: Float32Array },
  classes: number,
): Effect.Effect<Float32Array, StageError> => {
  const at = new Map<number, number>()
  for (const [row, id] of teacherIds.entries()) {
    if (at.has(id))
      return Effect.fail(
        new StageError({ message: `the teacher has two rows of logits for id ${id}`, hint: "give one row an example" }),
      )
    at.set(id, row)
  }
  const out = new Float32Array(ids.length * classes)
  for (const [i, id] of ids.entries()) {
    const row = at.get(id)
    if (row === undefined)
      return Effect.fail(
        new StageError({
          message: `the teacher has no logits for id ${id}`,
          hint: "predict on the data the student learns from",
        }),
      )
    out.set(logits.subarray(row * classes, (row + 1) * classes), i * classes)
  }
  return out.every(Number.isFinite)
    ? Effect.succeed(out)
    : Effect.fail(new StageError({ message: "a teacher's logit isn't finite", hint: "look at the table of logits" }))
}
