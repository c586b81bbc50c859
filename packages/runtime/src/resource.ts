/** What stages use besides their inputs, given by the application: the runtime itself knows no tensor. */
import { Context, type Effect } from "effect"

type Failure = { readonly message: string; readonly hint?: string }

export interface Resource {
  /** Opens it (once a process) and tells its numerics class: results of different classes may differ in bits. */
  readonly numerics: Effect.Effect<string, Failure>
  /** Runs a stage with the resource: alone, if it can't be shared. */
  readonly use: <A, E>(stage: Effect.Effect<A, E, any>) => Effect.Effect<A, E | Failure>
  /** Fails where it lacks one of the `kernels` that a stage declares. */
  readonly offers: (kernels: ReadonlyArray<string>) => Effect.Effect<void, Failure>
}

/** Resources by the name that a stage `uses`: `backend`. */
export class Resources extends Context.Service<Resources, { readonly [use: string]: Resource }>()("relent/Resources") {}
