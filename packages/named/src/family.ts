/** Families: named values with parameters of their own, spelled `{ kd: { temperature: 4 } }`, or `kd` when all have defaults. */
import { Effect, Schema, SchemaGetter, SchemaIssue } from "effect"
import { invalid, isNamed, lookUp, Named, type Names } from "./named.ts"
import { suggest } from "./suggest.ts"

type Fields = { readonly [parameter: string]: Schema.Codec<any, any, Names, never> }
/** A spelling in a document: a bare name, or one name with its parameters. */
export type Spelling = string | { readonly [name: string]: unknown }

/** A member of a family before it has parameters. */
export interface Member<out A> {
  readonly schema: Schema.Codec<any, any, Names>
  readonly make: (parameters: any) => A
}

export interface Family<A> {
  readonly kind: string
  /** Registers a member: a schema for each parameter, or their struct with checks of several together, and the value they make. */
  readonly define: <const Name extends string, const F extends Fields>(
    module: string,
    name: Name,
    version: number,
    parameters: F | Schema.Struct<F>,
    make: (parameters: Schema.Struct<F>["Type"]) => A,
  ) => Named<Member<A>> & { readonly name: Name }
  /**
   * The parameter of a stage; a name without a plugin belongs to `home`. Where `home` is a package that is always there, its members
   * are given; all others come from the registry of plugins.
   */
  readonly parameter: (
    home: string,
    own?: () => ReadonlyArray<Named<Member<A>>>,
  ) => Schema.Codec<Named<A>, Spelling, Names>
}

/** The struct of some fields, unless it is given as one, with checks of its own. */
export const structOf = <F extends Schema.Struct.Fields>(parameters: F | Schema.Struct<F>): Schema.Struct<F> =>
  Schema.isSchema(parameters) ? parameters : Schema.Struct(parameters)

const strict = { errors: "all", onExcessProperty: "error" } as const

const family = <A>(kind: string): Family<A> => {
  const isMember = (u: unknown): u is Named<A> => isNamed(u) && u.kind === kind
  /** A member by its full name: one of one's own, or one of a plugin's. */
  const find = (home: string, name: string, own: ReadonlyArray<Named<unknown>>) => {
    const found = own.find((member) => member.name === name)
    if (found !== undefined) return Effect.succeed(found)
    if (own.length === 0 || !name.startsWith(`${home}/`)) return lookUp(kind, name)
    const names = own.map((member) => member.name)
    return Effect.fail(invalid(`'${name}' is unknown: ${suggest(name, names, kind)}`, name))
  }
  const decode = (home: string, own: () => ReadonlyArray<Named<unknown>>) =>
    Effect.fnUntraced(function* (spelling: Spelling) {
      const entries = typeof spelling === "string" ? [[spelling, {}] as const] : Object.entries(spelling)
      const [entry] = entries
      if (entry === undefined || entries.length > 1)
        return yield* Effect.fail(
          invalid(`wants one ${kind}, as 'name' or {name: {...}}; got ${entries.length} names`, spelling),
        )
      const [name, given] = entry
      const at = (issue: SchemaIssue.Issue) =>
        typeof spelling === "string" ? issue : new SchemaIssue.Pointer([name], issue)
      const full = name.includes("/") ? name : `${home}/${name}`
      const found = yield* find(home, full, own()).pipe(Effect.mapError(at))
      const member = found.value as Member<A>
      const parameters = yield* Schema.decodeUnknownEffect(member.schema)(given ?? {}, strict).pipe(
        Effect.mapError((error) => at(error.issue)),
      )
      const encoded = yield* Schema.encodeEffect(member.schema)(parameters).pipe(
        Effect.mapError((error) => at(error.issue)),
      )
      const value = Named.make(kind, found.name, found.version, found.module, member.make(parameters))
      const short = found.name.startsWith(`${home}/`) ? found.name.slice(home.length + 1) : found.name
      return { ...value, parameters, spelling: { [short]: encoded } }
    })
  return {
    kind,
    define: (module, name, version, parameters, make) =>
      Named.make(kind, name, version, module, { schema: structOf(parameters), make }) as never,
    parameter: (home, own = () => []) =>
      Schema.Union([Schema.String, Schema.Record(Schema.String, Schema.Unknown)]).pipe(
        Schema.decodeTo(Schema.declare(isMember), {
          decode: SchemaGetter.transformEffect(decode(home, own)),
          encode: SchemaGetter.transform((named) => (named as Named<A> & { readonly spelling: Spelling }).spelling),
        }),
      ),
  }
}

export const Family = { make: family }
