/** Values chosen by name: a divergence, a loss, a reward. A document holds the name, a stage receives the value. */
import { Context, Effect, Schema, SchemaGetter, SchemaIssue } from "effect"

const NamedTypeId: unique symbol = Symbol.for("relent/Named")

/** A member of a registry: what it is, where it comes from, and the value itself. */
export interface Named<out A> {
  readonly [NamedTypeId]: true
  /** The registry: `divergence`, `loss`, `reward`. */
  readonly kind: string
  /** `plugin/name`. */
  readonly name: string
  /** Raised by its author when the meaning changes. */
  readonly version: number
  /** `import.meta.url` of the defining module, whose code becomes part of a result's key. */
  readonly module: string
  readonly value: A
  /** Decoded parameters of a member of a family; they may hold named values themselves. */
  readonly parameters?: unknown
}

/** Whether a value is a member of a registry. */
export const isNamed = (value: unknown): value is Named<unknown> =>
  typeof value === "object" && value !== null && NamedTypeId in value

/** The named values inside decoded parameters, at any depth: their code is part of the key. */
export const namedIn = (value: unknown): ReadonlyArray<Named<unknown>> => {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return []
  if (isNamed(value)) return [value, ...namedIn(value.parameters)]
  return Object.values(value).flatMap(namedIn)
}

/** Finds a named value; the registry of plugins implements it, and loads the plugin that the name begins with. */
export class Names extends Context.Service<
  Names,
  { readonly find: (kind: string, name: string) => Effect.Effect<Named<unknown>, string> }
>()("relent/Names") {}

/** The issue of a schema for a value that can't be used, in the words of whoever refuses it. */
export const invalid = (message: string, input: unknown): SchemaIssue.Issue =>
  new SchemaIssue.InvalidValue({ message }, input)

/** A registry of plain values: `Reward.define(import.meta.url, "rlhf/size", 1, f)`, chosen by `reward: rlhf/size`. */
export interface Kind<A> {
  readonly kind: string
  readonly define: <const Name extends string>(
    module: string,
    name: Name,
    version: number,
    value: A,
  ) => Named<A> & { readonly name: Name }
  /** The parameter of a stage: decodes a name to its value, and encodes it back. */
  readonly parameter: Schema.Codec<Named<A>, string, Names>
}

const make = <A>(kind: string, name: string, version: number, module: string, value: A): Named<A> => ({
  [NamedTypeId]: true,
  kind,
  name,
  version,
  module,
  value,
})

/** Looks a name up while parameters are decoded; a name that isn't known is an issue of the schema. */
export const lookUp = (kind: string, name: string): Effect.Effect<Named<unknown>, SchemaIssue.Issue, Names> =>
  Names.use((names) => names.find(kind, name)).pipe(Effect.mapError((message) => invalid(message, name)))

const kind = <A>(kind: string): Kind<A> => ({
  kind,
  define: (module, name, version, value) => make(kind, name, version, module, value) as never,
  parameter: Schema.String.pipe(
    Schema.decodeTo(
      Schema.declare((u): u is Named<A> => isNamed(u) && u.kind === kind),
      {
        decode: SchemaGetter.transformEffect(
          (name) => lookUp(kind, name) as Effect.Effect<Named<A>, SchemaIssue.Issue, Names>,
        ),
        encode: SchemaGetter.transform((named) => named.name),
      },
    ),
  ),
})

export const Named = { kind, make }
