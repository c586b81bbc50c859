/** Gradients of the library's operations, put in place of its own: the same numbers in fewer operations, and fewer arrays made on the host. */
import { type Tensor, tf } from "../tf.ts"
import { reluGrad, sigmoidGrad, tanhGrad } from "./activation-gradient.ts"
import { biasGrad, isBias, spread } from "./broadcast.ts"
import { sumTo } from "./operation.ts"
import { softmaxGradient } from "./softmax-gradient.ts"

/** Of activations, from what they gave. */
const slopes = { [tf.Relu]: reluGrad, [tf.Tanh]: tanhGrad, [tf.Sigmoid]: sigmoidGrad }

const kept = (x: Tensor, axis: number | Array<number>) => {
  const axes = tf.util.parseAxisParam(axis, x.shape)
  return { shape: x.shape.map((n, i) => (axes.includes(i) ? 1 : n)), size: axes.reduce((n, i) => n * x.shape[i]!, 1) }
}

const byOperand = (dy: Tensor, { shape }: Tensor) =>
  isBias(shape, dy.shape) ? biasGrad({ x: dy }, { shape }) : tf.reshape(sumTo(dy, shape), shape)

interface Transposed {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
}

const gradients: ReadonlyArray<tf.GradConfig> = [
  ...Object.entries(slopes).map(([kernelName, slope]) => ({
    kernelName,
    outputsToSave: [true],
    gradFunc: (dy: Tensor | Array<Tensor>, [y]: Array<Tensor>) => ({ x: () => slope({ dy: dy as Tensor, y: y! }, {}) }),
  })),
  {
    kernelName: tf.Softmax,
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ logits: () => softmaxGradient({ dy: dy as Tensor, y: y! }) }),
  },
  {
    kernelName: tf.Sum,
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attributes) => ({
      x: () =>
        spread(
          { x: tf.reshape(dy as Tensor, kept(x!, attributes["axis"] as Array<number>).shape) },
          { shape: x!.shape },
        ),
    }),
  },
  {
    kernelName: tf.Mean,
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attributes) => ({
      x: () => {
        const { shape, size } = kept(x!, attributes["axis"] as Array<number>)
        return spread({ x: tf.div(tf.reshape(dy as Tensor, shape), size) }, { shape: x!.shape })
      },
    }),
  },
  {
    kernelName: tf.BatchMatMul,
    inputsToSave: ["a", "b"],
    gradFunc: (given, [a, b], attributes) => {
      const { transposeA = false, transposeB = false } = attributes as Transposed
      const dy = given as Tensor
      return {
        a: () =>
          sumTo(transposeA ? tf.matMul(b!, dy, transposeB, true) : tf.matMul(dy, b!, false, !transposeB), a!.shape),
        b: () =>
          sumTo(transposeB ? tf.matMul(dy, a!, true, transposeA) : tf.matMul(a!, dy, !transposeA, false), b!.shape),
      }
    },
  },
  {
    kernelName: tf.Add,
    inputsToSave: ["a", "b"],
    gradFunc: (dy, [a, b]) => ({ a: () => byOperand(dy as Tensor, a!), b: () => byOperand(dy as Tensor, b!) }),
  },
]

/** Once a process, after the library's. */
export const registerStockGradients = (): void => {
  for (const gradient of gradients) {
    tf.unregisterGradient(gradient.kernelName)
    tf.registerGradient(gradient)
  }
}
