/** Between the store and a stage: stored tables become the values a stage works with, and back. */
import { bind, type Columns, columnsOf, type Table, type TableMismatch, TableSchema, view } from "@relent/arrow"
import { type AnyStage, type InputPort, isWrapped } from "@relent/stage"
import type { Table as ArrowTable } from "apache-arrow"
import { Effect, Stream } from "effect"
import { StageBroken } from "./error.ts"

/** The value of an input port, given its tables. */
export const decodeInput = (
  port: InputPort,
  tables: ReadonlyArray<ArrowTable>,
): Effect.Effect<unknown, TableMismatch> => {
  if (!isWrapped(port)) return port.decode(tables[0]!)
  switch (port.port) {
    case "any": {
      // Through its own schema, a table that lacks a column is told so.
      const need = TableSchema.make("a table", 1, port.need as Columns)
      return Effect.map(need.decode(tables[0]!), () => view(tables[0]!, port.need as Columns))
    }
    case "many":
      return Effect.forEach(tables, (table) => decodeInput(port.of, [table]))
    case "optional":
      return tables.length === 0 ? Effect.void : decodeInput(port.of, tables)
    case "batches": {
      const { batches } = view(tables[0]!)
      return Effect.succeed(Stream.mapEffect(Stream.fromIterable(batches), (batch) => port.of.decode(batch.arrow)))
    }
  }
}

/** The tables of a stage's outputs; a stage that doesn't keep to its ports has a bug. */
export const encodeOutputs = (
  stage: AnyStage,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, ArrowTable>> => {
  const tables: Record<string, ArrowTable> = {}
  for (const [name, port] of Object.entries(stage.outputs)) {
    const isCodec = "encode" in port
    tables[name] = isCodec ? port.encode(values[name]) : (values[name] as Table<Columns>).arrow
    const problems = isCodec && port.kinds === undefined ? bind(columnsOf(tables[name]), port.columns, new Map()) : []
    if (problems.length > 0)
      throw new StageBroken({ stage: stage.id, reason: `gives another output '${name}': ${problems.join("; ")}` })
  }
  return tables
}
