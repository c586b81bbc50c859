/** Values that a JSON Schema may allow, and values changed in one place: parameters of any stage, without knowing the stage. */
import type { JsonSchema } from "../src/parameters.ts"

/** A value chosen by name: a divergence, or a member of a family with parameters of its own. */
export interface Choice {
  /** As a document writes it where it needs no more. */
  readonly spelling: string | Values
  readonly fields?: JsonSchema
}

/** A value that is another in one place. */
export interface Change {
  /** Where: `loss.kd.temperature`, `hidden[]`. */
  readonly path: string
  /** Which change it is at this place: of several with the same words one will do. */
  readonly what: string
  readonly value: unknown
}

/** What is looked for. */
export interface Search {
  readonly choices: ReadonlyArray<Choice>
  readonly isDone: (path: string, what: string) => boolean
}

type Values = Readonly<Record<string, unknown>>
interface Node extends JsonSchema {
  readonly prefixItems?: ReadonlyArray<JsonSchema>
  readonly additionalProperties?: JsonSchema | boolean
}

const numbers = [1, 2, 3, 4, 8, 0.5, 0.25, 0.001, 0, -1]
const texts = ["a", "b", "int32", "float32"]

const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const differ = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b)
const at = (path: string, name: string) => (path === "" ? name : `${path}.${name}`)

const branchesOf = (node: JsonSchema) => node.anyOf ?? node.allOf ?? []
const itemsOf = ({ prefixItems = [], items }: Node) => [...prefixItems, ...(items === undefined ? [] : [items])]
/** The schema of values under names that aren't known before. */
const openOf = ({ additionalProperties: open }: Node): JsonSchema => (isValues(open) ? open : {})
/** A text or an object, and the schema doesn't say which: a value chosen by name. */
const isChoice = ({ anyOf = [] }: JsonSchema) =>
  anyOf.some((one) => one.type === "string" && one.enum === undefined) &&
  anyOf.some((one) => one.type === "object" && one.properties === undefined)

/** The name of a choice. */
export const nameOf = (spelling: unknown) => (isValues(spelling) ? Object.keys(spelling)[0]! : String(spelling))
/** Without its plugin. */
export const shortName = (spelling: unknown): string => nameOf(spelling).split("/").at(-1)!

/** The choices at a path; what stands inside itself is left out. */
const choicesAt = (path: string, choices: ReadonlyArray<Choice>) =>
  choices.filter(({ spelling }) => !path.split(".").includes(shortName(spelling)))

function* spellings({ spelling, fields }: Choice, choices: ReadonlyArray<Choice>, path: string): Generator<unknown> {
  if (fields === undefined) return yield spelling
  for (const given of examples(fields, choices, at(path, shortName(spelling)))) yield { [nameOf(spelling)]: given }
}

/** The first values, and no more are made. */
export function* take<A>(values: Iterable<A>, n: number): Generator<A> {
  let left = n
  for (const value of values)
    if (left-- > 0) yield value
    else return
}

/** Objects with these names; the last of them changes first. */
function* objects(
  fields: ReadonlyArray<readonly [string, JsonSchema]>,
  choices: ReadonlyArray<Choice>,
  path: string,
): Generator<Values> {
  const [first, ...rest] = fields
  if (first === undefined) return yield {}
  for (const value of examples(first[1], choices, at(path, first[0])))
    for (const others of objects(rest, choices, path)) yield { [first[0]]: value, ...others }
}

/** Values that a schema may allow, the simple ones first. Whoever decodes them says whether it does. */
export function* examples(node: Node, choices: ReadonlyArray<Choice>, path = ""): Generator<unknown> {
  if (node.enum !== undefined) yield* node.enum
  else if (isChoice(node)) for (const one of choicesAt(path, choices)) yield* spellings(one, choices, path)
  else if (branchesOf(node).length > 0) for (const one of branchesOf(node)) yield* examples(one, choices, path)
  else if (node.type === "boolean") yield* [false, true]
  else if (node.type === "number" || node.type === "integer") yield* numbers
  else if (node.type === "string") yield* texts
  else if (node.type === "array") {
    const some = [...take(examples(itemsOf(node)[0] ?? {}, choices, `${path}[]`), 8)]
    yield* some.map((one) => [one])
    yield* some.flatMap((one) => some.filter((other) => other !== one).map((other) => [one, other]))
  } else if (node.properties !== undefined) {
    const { required = [], properties } = node
    const fields = required.map((name) => [name, properties[name]!] as const)
    yield* objects(fields, choices, path)
  } else if (node.type === "object") for (const one of examples(openOf(node), choices, `${path}{}`)) yield { a: one }
  else yield* [1, "a"]
}

function* inside(changes: Iterable<Change>, put: (value: unknown) => unknown): Generator<Change> {
  for (const change of changes) yield { ...change, value: put(change.value) }
}

/** Other values instead of one. */
function* instead(
  values: () => Iterable<unknown>,
  path: string,
  what: string,
  { isDone }: Search,
  own?: unknown,
): Generator<Change> {
  if (isDone(path, what)) return
  for (const value of values()) if (differ(value, own)) yield { path, what, value }
}

const kinds: { readonly [type: string]: (value: unknown, node: Node) => boolean } = {
  array: Array.isArray,
  object: (value, { required = [] }) => isValues(value) && required.every((name) => name in value),
  integer: Number.isInteger,
}
const fits = (node: Node, value: unknown) => {
  const { type = "unknown" } = node
  return kinds[type]?.(value, node) ?? typeof value === type
}

/** The value with every part of it changed, one at a time. */
export function* changes(node: Node, value: unknown, search: Search, path = ""): Generator<Change> {
  const { choices } = search
  if (node.enum !== undefined)
    for (const one of node.enum) yield* instead(() => [one], path, JSON.stringify(one), search, value)
  else if (isChoice(node))
    for (const choice of choicesAt(path, choices)) {
      const name = shortName(choice.spelling)
      if (name !== shortName(value))
        yield* instead(() => spellings(choice, choices, path), path, nameOf(choice.spelling), search)
      else if (choice.fields !== undefined && isValues(value)) {
        const own = nameOf(value)
        yield* inside(changes(choice.fields, value[own], search, at(path, name)), (one) => ({ [own]: one }))
      }
    }
  else if (branchesOf(node).length > 0)
    for (const [i, one] of branchesOf(node).entries())
      if (fits(one, value)) yield* changes(one, value, search, path)
      else yield* instead(() => examples(one, choices, path), path, `branch ${i}`, search)
  else if (node.type === "array" && Array.isArray(value)) yield* ofArray(node, value, search, path)
  else if (node.type === "object" && isValues(value)) yield* ofValues(node, value, search, path)
  else yield* instead(() => examples(node, choices, path), path, "another", search, value)
}

function* ofArray(node: Node, value: ReadonlyArray<unknown>, search: Search, path: string): Generator<Change> {
  const items = itemsOf(node)
  const itemAt = (i: number) => items[Math.min(i, items.length - 1)]!
  for (const [i, one] of value.entries())
    yield* inside(changes(itemAt(i), one, search, `${path}[]`), (other) => value.with(i, other))
  const more = () => [...value, ...take(examples(itemAt(value.length), search.choices, `${path}[]`), 8)]
  yield* inside(instead(more, path, "one more", search), (one) => [...value, one])
  if (value.length > 0) yield { path, what: "one less", value: value.slice(0, -1) }
  yield* swapped(value, path)
}

/** Two elements, or a part of both, in each other's place: what leaves a sum as it is. */
function* swapped(value: ReadonlyArray<unknown>, path: string): Generator<Change> {
  const [first] = value
  const place = value.findIndex((one) => differ(one, first))
  if (place < 0) return
  const second = value[place]
  const put = (a: unknown, b: unknown) => value.with(0, a).with(place, b)
  yield { path: `${path}[]`, what: "swapped", value: put(second, first) }
  if (!isValues(first) || !isValues(second)) return
  for (const name of Object.keys(first).filter((one) => differ(first[one], second[one]))) {
    const [a, b] = [
      { ...first, [name]: second[name] },
      { ...second, [name]: first[name] },
    ]
    yield { path: `${path}[].${name}`, what: "swapped", value: put(a, b) }
  }
}

function* ofValues(node: Node, value: Values, search: Search, path: string): Generator<Change> {
  const { properties } = node
  for (const [name, schema] of Object.entries(properties ?? {})) {
    const own = value[name]
    const place = at(path, name)
    const put = (one: unknown) => ({ ...value, [name]: one })
    if (own === undefined)
      yield* inside(
        instead(() => examples(schema, search.choices, place), place, "given", search),
        put,
      )
    else yield* inside(changes(schema, own, search, place), put)
  }
  if (properties !== undefined) return
  const place = `${path}{}`
  for (const [name, own] of Object.entries(value))
    yield* inside(changes(openOf(node), own, search, place), (one) => ({ ...value, [name]: one }))
  const more = () => examples(openOf(node), search.choices, place)
  yield* inside(instead(more, place, "one more", search), (one) => ({ ...value, more: one }))
}

/** The places where a value of this schema can be changed; those in chosen values apart. */
export const places = (node: Node, path = ""): ReadonlyArray<string> => {
  const all = isChoice(node)
    ? [path]
    : branchesOf(node).length > 0
      ? branchesOf(node).flatMap((one) => places(one, path))
      : node.properties !== undefined
        ? Object.entries(node.properties).flatMap(([name, schema]) => places(schema, at(path, name)))
        : node.type === "array"
          ? itemsOf(node).flatMap((one) => places(one, `${path}[]`))
          : node.type === "object"
            ? places(openOf(node), `${path}{}`)
            : [path]
  return [...new Set(all)]
}
