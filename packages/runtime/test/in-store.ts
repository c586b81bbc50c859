/** What runs of the tests stand on; also for processes and threads that know no Vitest. */
import { Plugin, registry } from "@relent/stage"
import { Effect, Layer } from "effect"
import { Resources, Store } from "../src/index.ts"
import { plugin } from "./family.ts"

export const layer = (store: string) =>
  Layer.mergeAll(Store.layer(store), Layer.succeed(Resources, {}), registry([Plugin.entry(plugin)]))

export const inStore = <A, E>(store: string, effect: Effect.Effect<A, E, any>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, layer(store)) as Effect.Effect<A, E>)
