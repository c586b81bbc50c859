/** Multilayer perceptrons, many at once: members are a leading axis of every tensor. */
import { type Parameters, tensorValue } from "@relent/arrow"
import type { Source } from "@relent/random"
import { type Tensor, tf } from "@relent/tensor"
import { mapTree, type Tree } from "./tree.ts"

export interface MlpShape {
  /** Widths from input to output: `[784, 256, 10]`. */
  readonly widths: ReadonlyArray<number>
  /** How many networks are trained side by side. */
  readonly members: number
}

const weight = (layer: number) => `layers/${layer}/weight`
const bias = (layer: number) => `layers/${layer}/bias`

/**
 * He initialisation: weights N(0, 2 / inputs), biases 0. Member m draws by its own counter, so it starts alike in any company.
 *
 * @reference he2015delving
 */
export const initMlp = ({ widths, members }: MlpShape, random: Source): Parameters => {
  const parameters: Record<string, Parameters[string]> = {}
  for (let layer = 0; layer + 1 < widths.length; layer++) {
    const [inputs, outputs] = [widths[layer]!, widths[layer + 1]!]
    const values = new Float32Array(members * inputs * outputs)
    for (let m = 0; m < members; m++) {
      const draws = random("init", m, layer).normals(inputs * outputs)
      const scale = Math.sqrt(2 / inputs)
      draws.forEach((z, i) => (values[m * inputs * outputs + i] = z * scale))
    }
    parameters[weight(layer)] = tensorValue("float32", values, [members, inputs, outputs])
    parameters[bias(layer)] = tensorValue("float32", new Float32Array(members * outputs), [members, 1, outputs])
  }
  return parameters
}

/** Logits `[members, batch, classes]` of inputs `[members or 1, batch, features]`, ReLU between layers. */
export const applyMlp = (tree: Tree, x: Tensor): Tensor => {
  const layers = Object.keys(tree).filter((path) => path.endsWith("/weight")).length
  let hidden = x
  for (let layer = 0; layer < layers; layer++) {
    const linear = tf.add(tf.matMul(hidden, tree[weight(layer)]!), tree[bias(layer)]!)
    hidden = layer + 1 < layers ? tf.relu(linear) : linear
  }
  return hidden
}

/** One member of the tree, itself a tree of one member. */
export const memberOf = (tree: Tree, member: number): Tree =>
  mapTree(tree, (tensor) => tf.slice(tensor, [member, 0, 0], [1, -1, -1]))
