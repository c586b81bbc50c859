/** Windows on images, as the compiled kernels know them. */
import type { tf } from "../../tf.ts"
import type { Machine } from "../machine.ts"
import { sizeOf } from "../own.ts"
import { Cost } from "../share.ts"

export type Info = tf.backend_util.Conv2DInfo
export type Shape = [number, number, number, number]
export type Geometry = Pick<
  Info,
  | "inHeight"
  | "inWidth"
  | "inChannels"
  | "outHeight"
  | "outWidth"
  | "filterHeight"
  | "filterWidth"
  | "strideHeight"
  | "strideWidth"
  | "dilationHeight"
  | "dilationWidth"
> & { readonly padInfo: Pick<Info["padInfo"], "top" | "left"> }

/** Its address: in the order of `kernels/assembly/geometry.ts`. */
export const placeOf = (machine: Machine, geometry: Geometry): number =>
  machine.keep(
    Int32Array.of(
      geometry.inHeight,
      geometry.inWidth,
      geometry.inChannels,
      geometry.outHeight,
      geometry.outWidth,
      geometry.filterHeight,
      geometry.filterWidth,
      geometry.strideHeight,
      geometry.strideWidth,
      geometry.dilationHeight,
      geometry.dilationWidth,
      geometry.padInfo.top,
      geometry.padInfo.left,
    ),
  )

/** What it takes to visit every cell of every window. */
export const costOf = ({ outShape, filterHeight, filterWidth }: Info): number =>
  sizeOf(outShape) * filterHeight * filterWidth * Cost.moved
