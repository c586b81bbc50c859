/** Parameter trees: tensors by path (`layers/0/weight`), on the device or off it. Averaging, clipping and freezing are one map. */
import type { Parameters, TensorValue } from "@relent/arrow"
import { type Tensor, tf } from "./tf.ts"

/** Tensors by path. */
export type Tree = { readonly [path: string]: Tensor }

/** A tree of the same paths. */
export const mapTree = (tree: Tree, f: (tensor: Tensor, path: string) => Tensor): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tree).map(([path, tensor]) => [path, f(tensor, path)]))

/** Zeros of the same shapes. */
export const zerosLike = (tree: Tree): Tree => mapTree(tree, (tensor) => tf.zerosLike(tensor))

/** One member of the tree, itself a tree of one member: the leading axis of every tensor. */
export const memberOf = (tree: Tree, member: number): Tree => mapTree(tree, (tensor) => tf.slice(tensor, [member], [1]))

type Leaves<A> = { readonly [path: string]: A }

/** The tree as a branch of a larger one: `weight` becomes `name/weight`. */
export const branch = <A>(name: string, tree: Leaves<A>): Record<string, A> =>
  Object.fromEntries(Object.entries(tree).map(([path, leaf]) => [`${name}/${path}`, leaf]))

/** A branch of the tree, by paths of its own: the inverse of `branch`. */
export const within = <A>(name: string, tree: Leaves<A>): Record<string, A> =>
  Object.fromEntries(
    Object.entries(tree).flatMap(([path, leaf]) =>
      path.startsWith(`${name}/`) ? [[path.slice(name.length + 1), leaf]] : [],
    ),
  )

/** Puts tensors of float32 or int32 on the device. */
export const toDevice = (parameters: Parameters): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(parameters).map(([path, { dtype, values, shape }]) => [
      path,
      tf.tensor(values as Float32Array, [...shape], dtype as "float32" | "int32"),
    ]),
  )

/** Reads tensors from the device. */
export const fromDevice = async (tree: Tree): Promise<Parameters> => {
  const entries = Object.entries(tree).map(async ([path, tensor]): Promise<readonly [string, TensorValue]> => [
    path,
    { dtype: tensor.dtype as "float32", shape: tensor.shape, values: (await tensor.data()) as Float32Array },
  ])
  return Object.fromEntries(await Promise.all(entries))
}
