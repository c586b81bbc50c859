/** Tensor code in tests. */
import { Backend, type Tensor, Tensors } from "@relent/tensor"
import { Effect } from "effect"

export const backends = [
  ["wasm", Backend.wasm],
  ["cpu", Backend.cpu],
] as const
/** Runs tensor code on a backend; what it returns is read, nothing may be left behind. */
export const read = <const T extends Record<string, Tensor>>(layer: (typeof backends)[number][1], compute: () => T) =>
  Effect.gen(function* () {
    const backend = yield* Backend
    const owner = yield* Tensors.scoped
    return yield* backend.run(
      Effect.promise(async () => {
        const tensors = Object.entries(owner.compute(compute)) as Array<[keyof T, Tensor]>
        const arrays = await Promise.all(tensors.map(async ([name, t]) => [name, [...(await t.data())]] as const))
        owner.close()
        return Object.fromEntries(arrays) as { readonly [name in keyof T]: ReadonlyArray<number> }
      }),
    )
  }).pipe(Effect.scoped, Tensors.leakFree, Effect.provide(layer), Effect.runPromise)
