/** Operations of ours: a kernel for every backend, made of the library's operations, and a gradient of its own. */
import { backendNames } from "../backend.ts"
import { type Tensor, tf } from "../tf.ts"

type Inputs<Name extends string> = { readonly [name in Name]: Tensor }

/** Whether what runs now is itself differentiated: a gradient then has to be made of what has gradients. */
export const taped = (): boolean => {
  const { gradientDepth, kernelDepth } = tf.engine().state
  return gradientDepth > 0 && kernelDepth === 0
}

const call =
  <Name extends string, Out>(kernelName: string) =>
  (inputs: Inputs<Name>, attributes: object): Out =>
    tf.engine().runKernel(kernelName, { ...inputs }, { ...attributes }) as Out

/**
 * Registers a kernel for every backend that has none of this name; a faster one may take its place. Gives what runs the backend's.
 * A kernel isn't taped, and reads no values.
 */
export const kernel = <Name extends string, Attributes extends object, Out extends Tensor | Array<Tensor>>(
  kernelName: string,
  compute: (inputs: Inputs<Name>, attributes: Attributes) => Out,
): ((inputs: Inputs<Name>, attributes: Attributes) => Out) => {
  for (const backendName of backendNames)
    if (tf.getKernel(kernelName, backendName) === undefined)
      tf.registerKernel({
        kernelName,
        backendName,
        kernelFunc: ({ inputs, attrs }) =>
          tf.tidy(() => compute(inputs as Inputs<Name>, attrs as unknown as Attributes)),
      })
  return call(kernelName)
}

/** Whether the backend in use has a kernel of this name. */
export const isThere = (kernelName: string): boolean => tf.getKernel(kernelName, tf.getBackend()) !== undefined

/** Runs the backend's kernel of this name, which is one of ours, for float32, or what it is made of. */
const whereThereIs = <Name extends string, Attributes extends object, Out>(
  kernelName: string,
  compute: (inputs: Inputs<Name>, attributes: Attributes) => Out,
): typeof compute => {
  const run = call<Name, Out>(kernelName)
  const can = (inputs: Inputs<Name>) =>
    isThere(kernelName) && Object.values<Tensor>(inputs).every(({ dtype }) => dtype === "float32")
  return (inputs, attributes) => (can(inputs) ? run(inputs, attributes) : compute(inputs, attributes))
}

/** A gradient's formula as one kernel; made of what has gradients while it is itself differentiated. */
export const slopeKernel = <Name extends string>(
  kernelName: string,
  compute: (inputs: Inputs<Name>) => Tensor,
): ((inputs: Inputs<Name>) => Tensor) => {
  const run = kernel<Name, {}, Tensor>(kernelName, compute)
  return (inputs) => (taped() ? compute(inputs) : run(inputs, {}))
}

interface Operation<Name extends string, Attributes> {
  readonly kernel: string
  readonly inputs: ReadonlyArray<Name>
  /** The value, or the value and what the gradient needs besides. */
  readonly compute: (
    inputs: Inputs<Name>,
    attributes: Attributes,
  ) => Tensor | readonly [Tensor, ...ReadonlyArray<Tensor>]
  /** A backend without a kernel of its own runs `compute`, taped, with the gradients of its parts. */
  readonly inParts?: boolean
  /** How many tensors `compute` gives, by default 1. */
  readonly outputs?: number
  /**
   * The gradient by each input, from that of the value. Only those are called that are asked for; what several share is computed before.
   * While `taped()`, what `compute` gave besides the value may not be used: it isn't connected to the inputs.
   */
  readonly gradient: (
    dy: Tensor,
    inputs: Inputs<Name>,
    outputs: ReadonlyArray<Tensor>,
    attributes: Attributes,
  ) => { readonly [name in Name]: () => Tensor }
}

/** Registers kernels and gradient; gives the operation, of inputs by name and attributes. */
export const operation = <Name extends string, Attributes extends object = {}>({
  kernel: kernelName,
  inputs: names,
  compute,
  inParts = false,
  outputs = 1,
  gradient,
}: Operation<Name, Attributes>): ((inputs: Inputs<Name>, attributes: Attributes) => Tensor) => {
  const all = (inputs: Inputs<Name>, attributes: Attributes) => {
    const out = compute(inputs, attributes)
    return out instanceof tf.Tensor ? out : [...out]
  }
  const run = inParts ? whereThereIs(kernelName, all) : kernel(kernelName, all)
  tf.registerGradient({
    kernelName,
    inputsToSave: [...names],
    outputsToSave: Array.from({ length: outputs }, () => true),
    gradFunc: (dy, saved, attributes) => {
      const inputs = Object.fromEntries(names.map((name, i) => [name, saved[i]!])) as Inputs<Name>
      const first = Array.isArray(dy) ? (dy as ReadonlyArray<Tensor>)[0]! : dy
      return gradient(first, inputs, saved.slice(names.length), attributes as unknown as Attributes)
    },
  })
  return (inputs, attributes) => {
    const out = run(inputs, attributes)
    if (out instanceof tf.Tensor) return out
    const [value, ...rest] = out
    for (const tensor of rest) tensor.dispose() // the tape has clones
    return value!
  }
}

/** A gradient by something that was broadcast to `x.shape`: summed over what it was repeated along. */
export const sumTo = (x: Tensor, shape: Array<number>): Tensor => {
  if (x.shape.join() === shape.join()) return x
  const axes = tf.broadcast_util.getReductionAxes(shape, x.shape)
  return tf.reshape(axes.length === 0 ? x : tf.sum(x, axes), shape)
}
