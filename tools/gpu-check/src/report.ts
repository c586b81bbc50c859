/** What a check of a machine found. */
import { Schema } from "effect"

/** One thing that was seen: a figure, a comparison, or both. */
export const Row = Schema.Struct({
  what: Schema.String,
  value: Schema.optionalKey(Schema.Number),
  unit: Schema.optionalKey(Schema.String),
  /** Absent where nothing is demanded. */
  holds: Schema.optionalKey(Schema.Boolean),
  note: Schema.optionalKey(Schema.String),
})
export type Row = typeof Row.Type

export const outcomes = ["passed", "failed", "skipped", "out of time", "crashed"] as const

/** What one process of the check found, how far it got. */
export const Part = Schema.Struct({
  name: Schema.String,
  backend: Schema.String,
  outcome: Schema.Literals(outcomes),
  /** Why it was skipped, or its last words. */
  why: Schema.optionalKey(Schema.String),
  seconds: Schema.Number,
  device: Schema.optionalKey(Schema.String),
  numerics: Schema.optionalKey(Schema.String),
  rows: Schema.Array(Row),
})
export type Part = typeof Part.Type

export const Report = Schema.Struct({
  version: Schema.Literal(1),
  /** Of relent, as it was packed. */
  commit: Schema.String,
  /** By name: system, processor, memory, graphics card, driver. */
  machine: Schema.Record(Schema.String, Schema.String),
  seconds: Schema.Number,
  parts: Schema.Array(Part),
})
export type Report = typeof Report.Type

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ")
const figure = ({ value, unit }: Row) =>
  value === undefined ? "" : `${Number(value.toPrecision(4))}${unit === undefined ? "" : ` ${unit}`}`
const verdict = ({ holds }: Row) => (holds === undefined ? "" : holds ? "yes" : "**no**")

const section = ({ name, backend, outcome, why, seconds, device, numerics, rows }: Part): ReadonlyArray<string> => [
  `## ${name} on ${backend}: ${outcome}, ${seconds.toFixed(1)} s`,
  "",
  ...[device, numerics === undefined ? undefined : `\`${numerics}\``, why].flatMap((line) =>
    line === undefined ? [] : [line, ""],
  ),
  ...(rows.length === 0 ? [] : ["| what | figure | holds | note |", "|---|---|---|---|"]),
  ...rows.map((row) => `| ${cell(row.what)} | ${figure(row)} | ${verdict(row)} | ${cell(row.note ?? "")} |`),
  "",
]

/** For reading. */
export const markdown = ({ commit, machine, seconds, parts }: Report): string =>
  [
    "# relent on this machine",
    "",
    `Commit ${commit}, ${seconds.toFixed(0)} seconds.`,
    "",
    ...Object.entries(machine).map(([name, value]) => `- ${name}: ${value}`),
    "",
    "| part | backend | outcome | why |",
    "|---|---|---|---|",
    ...parts.map(
      ({ name, backend, outcome, why = "" }) => `| ${name} | ${backend} | ${outcome} | ${cell(why).slice(0, 200)} |`,
    ),
    "",
    ...parts.flatMap(section),
  ].join("\n")
