/** Files through the stage that a pipeline reads them with, types inferred and declared. */
import type { Columns } from "@relent/arrow"
import { view } from "@relent/arrow"
import { readTable } from "@relent/datasets/read-table"
import { registry } from "@relent/stage"
import { Effect, Schema } from "effect"
import { print } from "../arrow/print.ts"
import type { Reading } from "../target.ts"

type Stage = { readonly table: ReturnType<typeof view<Columns>> }

/** How `datasets/read-table` reads these bytes under this name. */
export const throughStage = (path: string, bytes: Uint8Array, parameters: object = {}): Effect.Effect<Reading> => {
  const source = { path, digest: "", bytes: Effect.succeed(bytes) }
  return Schema.decodeUnknownEffect(readTable.schema)({ path, ...parameters }).pipe(
    Effect.provide(registry([])),
    Effect.orDie,
    Effect.flatMap(
      (decoded) =>
        readTable.run({
          parameters: decoded,
          inputs: {},
          sources: { file: source },
        } as never) as unknown as Effect.Effect<Stage, { readonly _tag: string; readonly message: string }>,
    ),
    Effect.map(({ table }): Reading => {
      for (const row of table.rows) Object.values(row)
      return { value: print(table.arrow) }
    }),
    Effect.catch((error) =>
      error._tag === "FileInvalid" ? Effect.succeed<Reading>({ refused: error.message }) : Effect.die(error),
    ),
  )
}
