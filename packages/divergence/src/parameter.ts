/** The parameter that all plugins use for a divergence. */
import { invalid, lookUp, type Named, type Names, suggest } from "@relent/named"
import { Effect, Schema, SchemaGetter } from "effect"
import { type Custom, judge } from "./custom.ts"
import type { Divergence, Spelling } from "./divergence.ts"
import { FDivergence } from "./f-divergence.ts"
import { families, singles } from "./known.ts"
import type { Family } from "./family.ts"
import type { Property } from "./property.ts"

const known = [...singles.map(({ name }) => name), ...families.map(({ name }) => name)]

/** A family as a document writes it. */
const spelled = ({ name, examples }: Family) => `{${name}: ${examples.find((x) => !Number.isInteger(x))}}`

const named = (name: string) => {
  const single = singles.find((d) => d.name === name)
  if (single) return Effect.succeed(single)
  if (name.includes("/"))
    return lookUp("divergence", name).pipe(
      Effect.flatMap((found) =>
        judge(found as Named<Custom>).pipe(Effect.mapError((error) => invalid(error.message, name))),
      ),
    )
  const family = families.find((f) => f.name === name)
  return Effect.fail(
    invalid(
      family
        ? `'${name}' wants ${family.parameter}: ${spelled(family)}`
        : `no divergence '${name}': ${suggest(name, known, "divergence")}`,
      name,
    ),
  )
}

const find = Effect.fnUntraced(function* (spelling: Spelling) {
  if (typeof spelling === "string") return yield* named(spelling)
  const [entry, ...more] = Object.entries(spelling)
  if (entry === undefined || more.length > 0)
    return yield* Effect.fail(invalid("wants one divergence, as 'name' or {family: number}", spelling))
  const [name, parameter] = entry
  const family = families.find((f) => f.name === name)
  if (family === undefined)
    return yield* Effect.fail(
      invalid(
        singles.some((d) => d.name === name)
          ? `'${name}' has no parameter: write '${name}'`
          : `no family of divergences '${name}': ${suggest(
              name,
              families.map((f) => f.name),
              "family",
            )}`,
        spelling,
      ),
    )
  const wrong = family.range(parameter)
  if (wrong !== undefined) return yield* Effect.fail(invalid(`'${name}' ${wrong}`, parameter))
  return family.make(parameter)
})

const isDivergence = (value: unknown): value is Divergence =>
  typeof value === "object" && value !== null && "between" in value && "logForm" in value && "spelling" in value

const spelling = Schema.Union([Schema.String, Schema.Record(Schema.String, Schema.Finite)]).annotate({
  description: `a divergence: ${singles.map((d) => d.name).join(", ")}, one's own by its full name, or one of a family: ${families
    .map((f) => spelled(f))
    .join(", ")}`,
})

/** A divergence by its spelling: `kl`, `{alpha: 0.5}`, `mine/tempered`. */
export const parameter: Schema.Codec<Divergence, Spelling, Names> = spelling.pipe(
  Schema.decodeTo(Schema.declare(isDivergence), {
    decode: SchemaGetter.transformEffect(find),
    encode: SchemaGetter.transform((divergence) => divergence.spelling),
  }),
)

/** The parameter of a method that needs a generator with these properties; what lacks one is refused with the reason. */
export const having = (...properties: ReadonlyArray<Property>): Schema.Codec<FDivergence, Spelling, Names> =>
  parameter.pipe(
    Schema.check(
      Schema.makeFilter((d) => {
        if (!(d instanceof FDivergence)) return `'${d.name}' doesn't fit: this needs a generator f, and it has none`
        const lacking = properties.find(({ holds }) => !holds(d))
        return lacking && `'${d.name}' doesn't fit: this needs ${lacking.name}`
      }),
    ),
  ) as never
