/** Casts to bool: 1 of whatever isn't 0, NaN among it. */
import { tf } from "../tf.ts"
import type { ComposedKernel, Inputs } from "./kernel.ts"

export const castToBool: ComposedKernel = {
  name: tf.Cast,
  compute: ({ x }: Inputs<tf.CastInputs>) => tf.notEqual(x, tf.zerosLike(x)),
}

export const isToBool = (attributes: object): boolean => (attributes as tf.CastAttrs).dtype === "bool"
