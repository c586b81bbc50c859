/** The fixture of both cards, and what runs a loss on it. */
import { Backend, type Tensor, Tensors, tf } from "@relent/tensor"
import { testBackend } from "@relent/tensor/testing"
import { Effect } from "effect"
import { expect } from "vitest"
import type { DistillationLoss, LossInput } from "../src/loss/loss.ts"

type Rows = Array<Array<number>>
export const z: Rows = [
  [1, 0.5, -0.5, 0],
  [0.2, -0.3, 0.8, 0.1],
]
export const zt: Rows = [
  [2, 1, 0, -1],
  [0.5, 1.5, -0.5, 0],
]
const hot = [
  [1, 0, 0, 0],
  [0, 0, 1, 0],
]

const on = <A>(body: () => Promise<A>): Promise<A> =>
  Effect.runPromise(
    Effect.provide(
      Backend.use((backend) => backend.run(Tensors.leakFree(Effect.promise(body)))),
      testBackend,
    ),
  )
export const input = (student: Rows, teacher: Rows): LossInput => ({
  student: tf.tensor2d(student),
  teacher: tf.tensor2d(teacher),
  oneHot: tf.tensor2d(hot),
})
export const read = (make: () => Tensor) =>
  on(async () => {
    const tensor = tf.tidy(make)
    const values = [...(await tensor.data())]
    tensor.dispose()
    return values
  })
export const valuesOf = (loss: DistillationLoss, student = z, teacher = zt) => read(() => loss(input(student, teacher)))
export const gradientOf = (loss: DistillationLoss, at = z, given = zt) =>
  read(() => {
    const { student, teacher, oneHot } = input(at, given)
    return tf.grad((x) => tf.sum(loss({ student: x, teacher, oneHot })))(student)
  })
export const close = (found: ReadonlyArray<number>, expected: ReadonlyArray<number>, digits = 5) => {
  expect(found).toHaveLength(expected.length)
  expected.forEach((v, i) => expect(found[i]!).toBeCloseTo(v, digits))
}
