/** Opens webgpu, loses the device, and prints what the computation around it and the next one end with. */
import { Effect } from "effect"
import { Backend, tf } from "../src/index.ts"

const square = Effect.promise(async () => {
  const tensor = tf.tidy(() => tf.square(tf.ones([3])))
  const values = await tensor.data()
  tensor.dispose()
  return values
})

const main = Effect.gen(function* () {
  const backend = yield* Backend
  const lost = yield* backend
    .run(
      Effect.gen(function* () {
        const { device } = tf.backend() as unknown as { readonly device: { readonly destroy: () => void } }
        device.destroy()
        return yield* square
      }),
    )
    .pipe(Effect.flip)
  console.log(`${lost._tag}: ${lost.message}`)
  console.log((yield* Effect.flip(backend.run(square)))._tag)
})
await Effect.runPromise(Effect.provide(main, Backend.webgpu))
