/** The tensor backend as a resource of stages. */
import type { Resource } from "@relent/runtime"
import { Backend, type BackendName, Eager } from "@relent/tensor/backend"
import { Effect } from "effect"

/** Opened when a stage first asks for it. With `eager` no step is recorded. */
export const backendResource = (name: BackendName | "auto", eager = false): Resource => {
  const withBackend = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    effect.pipe(Effect.provide(Backend[name]), Effect.provideService(Eager, eager))
  return {
    numerics: withBackend(Backend.use((b) => Effect.succeed(b.numerics))),
    use: <A, E>(stage: Effect.Effect<A, E, any>) =>
      withBackend(Backend.use((b) => b.run(stage))) as Effect.Effect<A, E | { readonly message: string }>,
    offers: (kernels) => withBackend(Backend.use((b) => b.need(kernels))),
  }
}
