/** A kernel made of other operations. */
import { type Tensor, tf } from "../tf.ts"

/** Tensors by the names that an operation has for its inputs. */
export type Inputs<Names> = { readonly [name in keyof Names]: Tensor }

/** What an operation without a kernel, or with a wrong one, computes by operations that are right. */
export interface ComposedKernel {
  readonly name: string
  readonly compute: (inputs: never, attributes: never) => Tensor
}

// The engine passes tensors, doesn't tape what is inside a kernel, and takes a tensor for an answer.
const kernelOf = ({ name, compute }: ComposedKernel, backendName: string): tf.KernelConfig => ({
  kernelName: name,
  backendName,
  kernelFunc: ({ inputs, attrs }) => tf.tidy(() => compute(inputs as never, attrs as never)),
})

/** Registers it, unless the backend has a kernel of its own. */
export const registerIfLacking = (kernel: ComposedKernel, backendName: string): void => {
  if (!tf.getKernel(kernel.name, backendName)) tf.registerKernel(kernelOf(kernel, backendName))
}

/** Registers it in place of the backend's own kernel, for the calls that that one gets wrong. Once a process. */
export const replace = (
  kernel: ComposedKernel,
  backendName: string,
  where: (attributes: object) => boolean = () => true,
): void => {
  const ours = kernelOf(kernel, backendName)
  const stock = tf.getKernel(kernel.name, backendName)
  if (stock) tf.unregisterKernel(kernel.name, backendName)
  tf.registerKernel({
    ...stock,
    ...ours,
    kernelFunc: (given) => (!stock || where(given.attrs ?? {}) ? ours : stock).kernelFunc(given),
  })
}
