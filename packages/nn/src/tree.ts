/** Parameters as a plain tree: tensors by path. Averaging, moving averages and freezing are one map. */
import type { Parameters, TensorValue } from "@relent/arrow"
import { type Tensor, tf } from "@relent/tensor"

/** Tensors by path: `layers/0/weight`. */
export type Tree = { readonly [path: string]: Tensor }

/** A tree of the same paths. */
export const mapTree = (tree: Tree, f: (tensor: Tensor, path: string) => Tensor): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tree).map(([path, tensor]) => [path, f(tensor, path)]))

/** Puts tensors on the device. */
export const toDevice = (parameters: Parameters): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(parameters).map(([path, { values, shape }]) => [
      path,
      tf.tensor(values as Float32Array, [...shape], "float32"),
    ]),
  )

/** Reads tensors from the device, all at once. */
export const fromDevice = async (tree: Tree): Promise<Parameters> => {
  const entries = Object.entries(tree).map(async ([path, tensor]): Promise<readonly [string, TensorValue]> => [
    path,
    { dtype: "float32", shape: tensor.shape, values: (await tensor.data()) as Float32Array },
  ])
  return Object.fromEntries(await Promise.all(entries))
}
