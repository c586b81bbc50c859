/** Gradients that the library has wrong, or not at all. */
import { type Tensor, tf } from "../tf.ts"
import { stridedSliceGradient } from "./strided-slice-gradient.ts"

/** The sum over the axes along which an operand of this shape was repeated. */
const folded = (dy: Tensor, { shape }: Tensor): Tensor => {
  const axes = tf.broadcast_util.getReductionAxes(shape, dy.shape)
  return tf.reshape(axes.length === 0 ? dy : tf.sum(dy, axes), shape)
}

/** Of two operands; the library's own don't fold repeated ones. */
const pairwise = (
  kernelName: string,
  slopes: (dy: Tensor, a: Tensor, b: Tensor) => { readonly a: () => Tensor; readonly b: () => Tensor },
): tf.GradConfig => ({
  kernelName,
  inputsToSave: ["a", "b"],
  gradFunc: (dy, saved) => {
    const [a, b] = saved as [Tensor, Tensor]
    const of = slopes(dy as Tensor, a, b)
    return { a: () => folded(of.a(), a), b: () => folded(of.b(), b) }
  },
})

/** Where the operands are equal, the first takes it. */
const extremum = (kernelName: string, first: (a: Tensor, b: Tensor) => Tensor) =>
  pairwise(kernelName, (dy, a, b) => ({
    a: () => tf.mul(dy, tf.cast(first(a, b), "float32")),
    b: () => tf.mul(dy, tf.cast(tf.logicalNot(first(a, b)), "float32")),
  }))

const gradients: ReadonlyArray<tf.GradConfig> = [
  extremum(tf.Maximum, tf.greaterEqual),
  extremum(tf.Minimum, tf.lessEqual),
  pairwise(tf.SquaredDifference, (dy, a, b) => ({
    a: () => tf.mul(dy, tf.mul(2, tf.sub(a, b))),
    b: () => tf.mul(dy, tf.mul(2, tf.sub(b, a))),
  })),
  {
    kernelName: tf.Cumsum, // the library's own transposes what isn't transposed, unless the axis is the last
    gradFunc: (dy, _, attributes) => {
      const { axis, exclusive, reverse } = attributes as unknown as tf.CumsumAttrs
      return { x: () => tf.cumsum(dy as Tensor, axis, exclusive, !reverse) }
    },
  },
  stridedSliceGradient,
]

/** Registers them, after the library's. Once a process. */
export const mendGradients = (): void => {
  for (const gradient of gradients) tf.registerGradient(gradient)
}
