/** How weights start. Only the spread depends on the widths; the draws are standard normals. */

/** The standard deviation of a weight, from the numbers of inputs and outputs of its layer. */
export type Init = (inputs: number, outputs: number) => number

/**
 * For ReLU and its kin: variance 2 / inputs keeps the size of activations from layer to layer.
 *
 * @reference he2015delving
 */
export const he: Init = (inputs) => Math.sqrt(2 / inputs)

/**
 * For tanh: variance 2 / (inputs + outputs), between keeping activations and keeping gradients.
 *
 * @reference glorot2010understanding
 */
export const glorot: Init = (inputs, outputs) => Math.sqrt(2 / (inputs + outputs))
