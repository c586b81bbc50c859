/** Stage: a named function from tables and parameters to tables. */
import { type Codec, Column, type Columns, type Int32, TableSchema } from "@relent/arrow"
import { type Names, structOf } from "@relent/named"
import { Effect, Schema } from "effect"
import type { SourceLocation, StageContext } from "./context.ts"
import type { Handle } from "./handle.ts"
import { addStep, type StepOptions } from "./place.ts"
import type { GivenInputs, Inputs, Outputs, OutputValues, ReturnedOutputs } from "./port.ts"

type Fields = { readonly [parameter: string]: Schema.Codec<any, any, Names> }
type Parameters<F extends Fields> = Schema.Struct<F>["Type"]
type Spelling<F extends Fields> = Schema.Struct<F>["Encoded"]

/** What a stage may depend on besides parameters and inputs; each has its part in the key of a result. */
export type Use = "backend" | "random"

export interface Definition<F extends Fields, I extends Inputs, O extends Outputs, M extends Columns, State> {
  /** `import.meta.url`: the bytes of this module, and of what it imports, are part of the key. */
  readonly module: string
  /** One line, for `relent stages`. */
  readonly title: string
  readonly uses?: ReadonlyArray<Use>
  /** Operations that not every backend has, by their names in TensorFlow.js (`FFT`): where one lacks them, nothing is run. */
  readonly kernels?: ReadonlyArray<string>
  /** A schema for each parameter, with defaults, ranges and descriptions; or their struct, with checks of several together. */
  readonly parameters?: F | Schema.Struct<F>
  readonly inputs?: I
  readonly outputs: O
  /** Columns of the metrics emitted while running; with `step` they become the output `metrics`. */
  readonly metrics?: M
  /** What a checkpoint holds. */
  readonly state?: Codec<string, any, State>
  /** Files read: they follow from the parameters, and their bytes are part of the key. */
  readonly sources?: (parameters: NoInfer<Parameters<F>>) => { readonly [name: string]: SourceLocation }
  /** Sizes of named dimensions that follow from the parameters. */
  readonly sizes?: (parameters: NoInfer<Parameters<F>>) => { readonly [dimension: string]: number }
}

/** The same, with a schema for each parameter, and none left out. */
interface Defined<F extends Fields, I extends Inputs, O extends Outputs, M extends Columns, State> extends Definition<
  F,
  I,
  O,
  M,
  State
> {
  readonly parameters: F
}

type Returned<O extends Outputs, M extends Columns, T> = ReturnedOutputs<O, T> &
  ([keyof M] extends [never] ? unknown : { readonly metrics: Handle<"metrics", { readonly step: Int32 } & M> })

// A stage is called like a function: handles in, handles out. Parameters may be left out when all have defaults.
type Rest<F extends Fields> = {} extends Spelling<F> ? [parameters?: Spelling<F>] : [parameters: Spelling<F>]
type Call<F extends Fields, I extends Inputs, O extends Outputs, M extends Columns> = [keyof I] extends [never]
  ? (...rest: Rest<F>) => Returned<O, M, {}>
  : <T extends Columns>(inputs: GivenInputs<I, O, T>, ...rest: Rest<F>) => Returned<O, M, T>

interface Members<
  Name extends string,
  F extends Fields,
  I extends Inputs,
  O extends Outputs,
  M extends Columns,
  State,
  E,
  R,
> {
  /** `plugin/stage`. */
  readonly id: Name
  readonly definition: Defined<F, I, O, M, State>
  readonly schema: Schema.Codec<Parameters<F>, Spelling<F>, Names>
  /** The declared outputs, and `metrics` where the stage emits any. */
  readonly outputs: O
  readonly run: (context: StageContext<Parameters<F>, I, M, State>) => Effect.Effect<OutputValues<O>, E, R>
}

export type Stage<
  Name extends string,
  F extends Fields,
  I extends Inputs,
  O extends Outputs,
  M extends Columns,
  State,
  E,
  R,
> = Members<Name, F, I, O, M, State, E, R> &
  Call<F, I, O, M> & {
    /** The same stage under a step name of its own: `distil.as("student")({ ... })`. */
    readonly as: (step: string, options?: StepOptions) => Call<F, I, O, M>
  }

/** A stage with its types erased: what registries and the runtime see. */
export interface AnyStage {
  readonly id: string
  readonly definition: Defined<any, any, any, any, any>
  readonly schema: Schema.Codec<any, any, Names>
  readonly outputs: Outputs
  readonly run: (context: any) => Effect.Effect<any, { readonly message: string; readonly hint?: string }, any>
}

// Nothing yielded is `never`, from which `infer` would make `unknown`.
type ErrorOf<Eff> = [Eff] extends [never] ? never : [Eff] extends [Effect.Effect<any, infer E, any>] ? E : never
type RequirementOf<Eff> = [Eff] extends [never] ? never : [Eff] extends [Effect.Effect<any, any, infer R>] ? R : never

/**
 * Declares a stage. `run` is a generator, as in `Effect.gen`; it fails with a `StageError` or any error with a `message`.
 * The stage is then called with handles, and gives handles.
 */
const make = <
  const Name extends `${string}/${string}`,
  const O extends Outputs,
  Eff extends Effect.Effect<any, { readonly message: string }, any> = never,
  const F extends Fields = {},
  const I extends Inputs = {},
  const M extends Columns = {},
  State = unknown,
>(
  id: Name,
  definition: Definition<F, I, O, M, State> & {
    readonly run: (context: StageContext<Parameters<F>, I, M, State>) => Generator<Eff, OutputValues<NoInfer<O>>, never>
  },
): Stage<Name, F, I, O, M, State, ErrorOf<Eff>, RequirementOf<Eff>> => {
  const metrics = definition.metrics && {
    metrics: TableSchema.make("metrics", 1, { step: Column.int32, ...definition.metrics }),
  }
  const schema = structOf(definition.parameters ?? ({} as F))
  const stage = {
    id,
    definition: { ...definition, parameters: schema.fields },
    schema,
    outputs: { ...definition.outputs, ...metrics },
    run: Effect.fn(id)(definition.run),
  } as unknown as AnyStage
  const as = (step: string, options: StepOptions = {}) => {
    return (...given: ReadonlyArray<any>) => {
      const [inputs, parameters] = definition.inputs ? given : [{}, given[0]]
      return addStep(stage, step, options, inputs, parameters ?? {})
    }
  }
  return Object.assign(as(id.slice(id.indexOf("/") + 1)), stage, { as }) as never
}

export const Stage = { make }
