/** Ports: a codec is a port; these wrap one that is optional, variadic, streamed, or open to any table. */
import type { Stream } from "effect"
import type { Codec, Columns, Table, TableMismatch, TableSchema } from "@relent/arrow"
import type { Handle } from "./handle.ts"

export interface Optional<P extends AnyCodec = AnyCodec> {
  readonly port: "optional"
  readonly of: P
}
export interface Many<P extends AnyCodec | AnyTable<any> = AnyCodec | AnyTable<any>> {
  readonly port: "many"
  readonly of: P
}
/** A table read batch by batch, never whole. */
export interface Batches<Name extends string = string, C extends Columns = any> {
  readonly port: "batches"
  readonly of: TableSchema<Name, C>
}
/** Any table that has at least the columns `Need`; the stage is generic over the rest. */
export interface AnyTable<Need extends Columns = {}> {
  readonly port: "any"
  readonly need: Need
}
/** An output with the schema of the input `As`, and the columns `Added`. */
export interface Like<As extends string = string, Added extends Columns = {}> {
  readonly port: "like"
  readonly as: As
  readonly added: Added
}
/** An output whose columns follow from parameters and from the columns of the inputs; its type is `{}` until narrowed. */
export interface Computed {
  readonly port: "computed"
  readonly columns: (parameters: any, inputs: { readonly [port: string]: ReadonlyArray<Columns> }) => Columns
}
export type AnyCodec = Codec<string, any, any>
export type InputPort = AnyCodec | Optional | Many | Batches | AnyTable<any>
export type OutputPort = AnyCodec | Like<string, any> | Computed
export type Wrapped = Optional | Many | Batches | AnyTable<any>
export const isWrapped = (port: InputPort): port is Wrapped => "port" in port
export type Inputs = { readonly [port: string]: InputPort }
export type Outputs = { readonly [port: string]: OutputPort }

// Overloads, since a default would lose to the `any` that the context of the call suggests.
function any(): AnyTable<{}>
function any<const Need extends Columns>(need: Need): AnyTable<Need>
function any(need: Columns = {}): AnyTable<any> {
  return { port: "any", need }
}
function like<const As extends string>(as: As): Like<As, {}>
function like<const As extends string, const Added extends Columns>(as: As, added: Added): Like<As, Added>
function like(as: string, added: Columns = {}): Like<string, any> {
  return { port: "like", as, added }
}

export const Port = {
  any,
  like,
  optional: <P extends AnyCodec>(of: P): Optional<P> => ({ port: "optional", of }),
  many: <P extends AnyCodec | AnyTable<any>>(of: P): Many<P> => ({ port: "many", of }),
  batches: <Name extends string, C extends Columns>(of: TableSchema<Name, C>): Batches<Name, C> => ({
    port: "batches",
    of,
  }),
  computed: (columns: Computed["columns"]): Computed => ({ port: "computed", columns }),
}

// What a caller passes. `T` is the one schema variable of a stage: what the `any` ports were given that an output is like.
type HandleOf<P> = P extends Codec<infer Name, infer C, any> ? Handle<Name, C> : never
type Given<P, T> =
  P extends AnyTable<infer Need>
    ? Handle<string, T> & Handle<string, Need>
    : P extends Many<infer Q>
      ? ReadonlyArray<Given<Q, T>>
      : P extends Batches<infer Name, infer C>
        ? Handle<Name, C>
        : HandleOf<P>
type Repeated<O> = { [K in keyof O]: O[K] extends Like<infer As, any> ? As : never }[keyof O]
type OptionalKeys<I> = { [K in keyof I]: I[K] extends Optional ? K : never }[keyof I]
export type GivenInputs<I extends Inputs, O extends Outputs, T> = {
  readonly [K in Exclude<keyof I, OptionalKeys<I>>]: Given<I[K], K extends Repeated<O> ? T : {}>
} & {
  readonly [K in OptionalKeys<I>]?: I[K] extends Optional<infer Q> ? HandleOf<Q> : never
}
export type ReturnedOutputs<O extends Outputs, T> = {
  readonly [K in keyof O]: O[K] extends Like<string, infer Added>
    ? Handle<"like its input", [keyof Added] extends [never] ? T : T & Added>
    : O[K] extends Computed
      ? Handle<"computed", {}>
      : HandleOf<O[K]>
}

// What `run` receives and gives back.
type ValueOf<P> =
  P extends AnyTable<infer Need>
    ? Table<Need>
    : P extends Batches<string, infer C>
      ? Stream.Stream<Table<C>, TableMismatch>
      : P extends Codec<string, any, infer Value>
        ? Value
        : never
export type InputValues<I extends Inputs> = {
  readonly [K in keyof I]: I[K] extends Many<infer Q>
    ? ReadonlyArray<ValueOf<Q>>
    : I[K] extends Optional<infer Q>
      ? ValueOf<Q> | undefined
      : ValueOf<I[K]>
}
export type OutputValues<O extends Outputs> = {
  readonly [K in keyof O]: O[K] extends Like<string, any> | Computed ? Table<any> : ValueOf<O[K]>
}
