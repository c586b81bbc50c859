/** What a step was made of: parameters, code, draws, numerics, inputs; and what it gave. */
import type { ManifestStep } from "@relent/runtime"
import { counted, duration, spell } from "./spell.ts"
import { axesOf, type Group } from "./steps.ts"

export type Fact = readonly [name: string, value: string]

/** One step of a name, at its point of the sweep. */
export interface Point {
  readonly at: ReadonlyArray<string>
  readonly status: string
  readonly time: string
  readonly key: string
  readonly outputs: string
}

export interface Detail {
  readonly name: string
  readonly stage: string
  readonly facts: ReadonlyArray<Fact>
  readonly parameters: ReadonlyArray<Fact>
  readonly axes: ReadonlyArray<string>
  readonly points: ReadonlyArray<Point>
}

const short = (digest: string): string => digest.slice(0, 12)

/** The first eight of these texts, and how many there are. */
const few = (all: ReadonlyArray<string>, between: string): string =>
  all.length > 8 ? `${all.slice(0, 8).join(between)}${between}… (${all.length})` : all.join(between)

/** The different texts of these steps, one after the other. */
const each = (steps: ReadonlyArray<ManifestStep>, text: (step: ManifestStep) => string): string =>
  few([...new Set(steps.map(text).filter((one) => one !== ""))], "; ")

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const parametersOf = ({ parts }: ManifestStep): Readonly<Record<string, unknown>> =>
  isRecord(parts.parameters) ? parts.parameters : {}

const drawsOf = ({ parts: { draws } }: ManifestStep): string =>
  draws === undefined ? "" : `seed ${draws.seed}, stream ${draws.stream}`

const readsOf = ({ inputs = {} }: ManifestStep): string =>
  Object.entries(inputs)
    .map(([port, from]) => {
      const texts = from.map(({ step, port: of }) => `${step}.${of}`)
      return `${port}: ${texts.length > 3 ? `${texts[0]} and ${texts.length - 1} more` : texts.join(", ")}`
    })
    .join(", ")

export const detailOf = ({ name, stage, steps }: Group): Detail => {
  const axes = axesOf(steps.map(({ at }) => at))
  const names = [...new Set(steps.flatMap((step) => Object.keys(parametersOf(step))))]
  const facts: ReadonlyArray<Fact> = [
    ["stage", stage],
    ["inputs", each(steps.slice(0, 1), readsOf)],
    ["draws", each(steps, drawsOf)],
    ["code", each(steps, ({ parts }) => short(parts.code))],
    ...Object.keys(Object.assign({}, ...steps.map(({ parts }) => parts.named)) as object).map((member): Fact => [
      member,
      each(steps, ({ parts }) => short(parts.named[member] ?? "")),
    ]),
    [
      "files",
      each(steps, ({ parts }) =>
        few(
          Object.entries(parts.sources).map(([file, digest]) => `${file} ${short(digest)}`),
          ", ",
        ),
      ),
    ],
    ["numerics", each(steps, ({ parts }) => parts.numerics)],
  ]
  return {
    name,
    stage,
    facts: facts.filter(([, value]) => value !== ""),
    parameters: names.map((parameter) => [
      parameter,
      each(steps, (step) => spell(parametersOf(step)[parameter] ?? "")),
    ]),
    axes,
    points: steps.map(({ at, status, milliseconds, key, outputs }) => ({
      at: axes.map((axis) => spell(at[axis] ?? "")),
      status,
      time: duration(milliseconds),
      key: short(key),
      outputs: Object.entries(outputs)
        .map(([port, { rows, digest }]) => `${port}: ${counted(rows, "row")}, ${short(digest)}`)
        .join("; "),
    })),
  }
}
