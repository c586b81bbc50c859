/** TensorFlow under watch. */
import type { Parameters } from "@relent/arrow"
import { tf } from "@relent/tensor"
import { Effect } from "effect"
import {
  type Binding,
  type TensorFlowBackend,
  typeNumber,
  type Values,
} from "../../../../packages/tensor/src/tensorflow/binding.ts"
import { quantile } from "../training/results.ts"
import type { Clock } from "./spent.ts"

const backendNow = () => tf.backend() as unknown as TensorFlowBackend

/** Median ms that the inputs of a step take to the device and away again. */
export const feeding = (inputs: Parameters): number => {
  const { binding } = backendNow()
  const times = Array.from({ length: 50 }, () => {
    const begin = performance.now()
    for (const { shape, dtype, values } of Object.values(inputs))
      binding.deleteTensor(binding.createTensor(shape, typeNumber[dtype as "float32"], values as Values))
    return performance.now() - begin
  })
  return quantile(times, 0.5)
}

/** Times what the binding executes while `effect` runs. */
export const watched = (effect: Effect.Effect<unknown>, clock: Clock): Effect.Effect<void> => {
  const backend = backendNow()
  const { binding } = backend
  const executeOp: Binding["executeOp"] = (name, ...rest) => clock.time(name, () => binding.executeOp(name, ...rest))
  const all = Object.getOwnPropertyNames(binding).map((key) => [key, binding[key as keyof Binding]])
  const listening = { ...Object.fromEntries(all), executeOp } as Binding
  return Effect.acquireUseRelease(
    Effect.sync(() => (backend.binding = listening)),
    () => Effect.asVoid(effect),
    () => Effect.sync(() => (backend.binding = binding)),
  )
}
