/** A kernel made of other operations. */
import { type Tensor, tf } from "../tf.ts"

/** Tensors by the names that an operation has for its inputs. */
export type Inputs<Names> = { readonly [name in keyof Names]: Tensor }

/** What an operation without a kernel computes, by operations that have one. */
export interface ComposedKernel {
  readonly name: string
  readonly compute: (inputs: never, attributes: never) => Tensor
}

/** Registers it, unless the backend has a kernel of its own. */
export const registerIfLacking = ({ name, compute }: ComposedKernel, backendName: string): void => {
  if (tf.getKernel(name, backendName)) return
  tf.registerKernel({
    kernelName: name,
    backendName,
    // The engine passes tensors, doesn't tape what is inside a kernel, and takes a tensor for an answer.
    kernelFunc: ({ inputs, attrs }) => tf.tidy(() => compute(inputs as never, attrs as never)),
  })
}
