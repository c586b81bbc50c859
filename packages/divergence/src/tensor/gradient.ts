/** Functions of tensors whose gradient is known, and not taped operation by operation. */
import { detached, taped, type Tensor, tf } from "@relent/tensor"

type Tensors = ReadonlyArray<Tensor>

interface Known {
  /** What the function has a gradient by. */
  readonly inputs: Tensors
  /** What it depends on besides; no gradient flows there. */
  readonly constants?: Tensors
  /** The value from inputs and constants, and what else the gradient needs; tensors that only this function knows would be gone by then. */
  readonly forward: (...given: Tensors) => { readonly value: Tensor; readonly saved?: Tensors }
  /** The gradient by each of the inputs, from that of the value, inputs, constants and what was saved. */
  readonly backward: (dy: Tensor, ...kept: Tensors) => Tensors
}

/** `forward`, with the gradient `backward`. The gradient's own gradient is that of its operations. */
export const withGradient = ({ inputs, constants = [], forward, backward }: Known): Tensor =>
  tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensors) => void
    const given = [...inputs, ...constants]
    const { value, saved = [] } = forward(...given)
    save([...given, ...saved])
    return {
      value,
      gradFunc: (dy, kept) => {
        if (!taped()) return backward(dy, ...kept) as Array<Tensor>
        // what was saved isn't connected to the inputs: it is computed again
        const again = kept
          .slice(0, given.length)
          .map((tensor, i) => (i < inputs.length ? tensor : detached(() => tf.clone(tensor))))
        return backward(dy, ...again, ...(forward(...again).saved ?? [])) as Array<Tensor>
      },
    }
  })(...inputs)
