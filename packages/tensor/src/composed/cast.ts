/** Casts to bool: 1 of whatever isn't 0, NaN among it. */
import { tf } from "../tf.ts"
import type { ComposedKernel, Inputs } from "./kernel.ts"

export const castToBool: ComposedKernel = {
  name: tf.Cast,
  compute: ({ x }: Inputs<tf.CastInputs>) =>
    x.dtype === "bool" ? tf.clone(x) : tf.notEqual(x, tf.scalar(0, x.dtype as "float32" | "int32")),
}

export const isToBool = (attributes: object): boolean => (attributes as tf.CastAttrs).dtype === "bool"
