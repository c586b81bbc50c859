/** All ways to change the parameters of a stage in one place, as far as the stage takes them. */
import type { Names } from "@relent/named"
import type { AnyStage } from "@relent/stage"
import { Effect, Schema } from "effect"
import { parametersOf } from "../src/parameters.ts"
import { everyChoice, usesOf } from "./every-stage.ts"
import { changes, examples, nameOf, places, shortName, take } from "./mutants.ts"

export type Parameters = Readonly<Record<string, unknown>>
type Codec = Schema.Codec<unknown, unknown, Names>

export interface Pair {
  /** Where the two differ, all defaults being written out. */
  readonly path: string
  readonly from: Parameters
  readonly to: Parameters
  /** The name that `to` has there, if it is one that is looked up. */
  readonly chosen?: string
}

export interface Explored {
  /** Parameters as somebody may write them, and with all defaults written out. */
  readonly same: ReadonlyArray<readonly [written: Parameters, whole: Parameters]>
  /** Parameters that differ in one place. */
  readonly pairs: ReadonlyArray<Pair>
  /** Places that no change reaches. */
  readonly missed: ReadonlyArray<string>
}

const strict = { errors: "first", onExcessProperty: "error" } as const

/** What a parameter refuses by itself is asked once, for all stages that have it. */
const taken = new WeakMap<Codec, Map<string, boolean>>()
const takes = Effect.fnUntraced(function* (field: Codec | undefined, value: unknown) {
  if (field === undefined || value === undefined) return true
  const known = taken.get(field) ?? new Map<string, boolean>()
  taken.set(field, known)
  const text = JSON.stringify(value)
  const found =
    known.get(text) ?? (yield* Effect.result(Schema.decodeUnknownEffect(field)(value, strict)))._tag === "Success"
  known.set(text, found)
  return found
})

/** Parameters with all defaults written out; nothing where the stage refuses them. */
const spelled = ({ schema }: AnyStage, parameters: Parameters) =>
  Schema.decodeUnknownEffect(schema)(parameters, strict).pipe(
    Effect.flatMap(Schema.encodeEffect(schema)),
    Effect.map((value) => value as Parameters),
    Effect.orElseSucceed(() => undefined),
  )

/** So many values are tried for one change, and for the first of all; of a name that may belong elsewhere, a tenth. */
const most = 100
const names = new Set(everyChoice.map(({ spelling }) => nameOf(spelling)))

/** The simplest parameters that the stage takes, and those that pipelines give it. */
const begun = Effect.fnUntraced(function* (stage: AnyStage, simple: Iterable<unknown>) {
  const same: Array<Explored["same"][number]> = []
  const add = Effect.fnUntraced(function* (parameters: Parameters) {
    const whole = yield* spelled(stage, parameters)
    if (whole !== undefined) same.push([parameters, whole])
  })
  for (const value of take(simple, most)) {
    if (same.length > 0) break
    yield* add(value as Parameters)
  }
  yield* Effect.forEach(usesOf(stage), add)
  return same
})

export const explore = Effect.fnUntraced(function* (stage: AnyStage) {
  const schema = { type: "object", properties: {}, ...parametersOf(stage) }
  const fields = stage.definition.parameters as Readonly<Record<string, Codec>>
  const same = yield* begun(stage, examples(schema, everyChoice))
  const open = [...same]
  const wanted = new Set(places(schema))
  const pairs: Array<Pair> = []
  const tries = new Map<string, number>()
  const triesOf = (path: string, what: string) => tries.get(`${path} ${what}`) ?? 0
  const search = { choices: everyChoice, isDone: (path: string, what: string) => triesOf(path, what) >= most }
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const [from, all] = next
    for (const { path, what, value } of changes(schema, all, search)) {
      if (search.isDone(path, what)) continue
      tries.set(`${path} ${what}`, triesOf(path, what) + (names.has(what) ? 10 : 1))
      const to = value as Parameters
      const [first = ""] = path.split(/[.[{]/)
      const whole = (yield* takes(fields[first], to[first])) ? yield* spelled(stage, to) : undefined
      if (whole === undefined) continue
      tries.set(`${path} ${what}`, most)
      const chosen = everyChoice.find(({ spelling }) => nameOf(spelling) === what)
      pairs.push({ path, from, to, ...(chosen !== undefined && { chosen: what }) })
      open.push([to, whole])
      if (chosen === undefined) continue
      same.push([to, whole]) // all of its own defaults, and the short name instead of the full one
      if (chosen.fields === undefined) continue
      for (const place of places(chosen.fields, `${path}.${shortName(what)}`)) wanted.add(place)
    }
  }
  const reached = new Set(pairs.map(({ path }) => path))
  return { same, pairs, missed: [...wanted].filter((place) => !reached.has(place)) } satisfies Explored
})
