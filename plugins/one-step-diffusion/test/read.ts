/** Tensor code in tests. */
import { Backend, type Tensor, Tensors, tf } from "@relent/tensor"
import { testBackend } from "@relent/tensor/testing"
import { Effect } from "effect"
import { expect } from "vitest"

/** The values of a tensor; nothing else may be left behind. */
export const read = (make: () => Tensor): Promise<ReadonlyArray<number>> => {
  const body = async () => {
    const tensor = tf.tidy(make)
    const values = [...(await tensor.data())]
    tensor.dispose()
    return values
  }
  const program = Backend.use((backend) => backend.run(Tensors.leakFree(Effect.promise(body))))
  return Effect.runPromise(Effect.provide(program, testBackend))
}

export const close = (found: ReadonlyArray<number>, wanted: ReadonlyArray<number>, digits = 5) => {
  expect(found).toHaveLength(wanted.length)
  wanted.forEach((v, i) => expect(found[i]).toBeCloseTo(v, digits))
}
