/** Functions of tensors whose gradient is known, and not taped operation by operation. */
import { type Tensor, tf } from "@relent/tensor"

interface Forward {
  readonly value: Tensor
  /** What the gradient needs; tensors that only this function knows would be gone by then. */
  readonly saved: ReadonlyArray<Tensor>
}

/** `forward`, whose gradient by each of the inputs is `backward` of the gradient of its value, and of what it saved. */
export const withGradient = (
  inputs: ReadonlyArray<Tensor>,
  forward: () => Forward,
  backward: (dy: Tensor, ...saved: ReadonlyArray<Tensor>) => ReadonlyArray<Tensor>,
): Tensor =>
  tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: ReadonlyArray<Tensor>) => void
    const { value, saved } = forward()
    save(saved)
    return { value, gradFunc: (dy, saved) => backward(dy, ...saved) as Array<Tensor> }
  })(...inputs)
