/** Pools and their gradients. */
import { tf } from "../../tf.ts"
import type { Machine } from "../machine.ts"
import { areFloats, float, type OwnKernel, type Place } from "../own.ts"
import { overParts } from "../share.ts"
import { costOf, type Info, placeOf, type Shape } from "./geometry.ts"

type Attributes = tf.MaxPoolAttrs | tf.MaxPoolGradAttrs | tf.AvgPoolAttrs | tf.AvgPoolGradAttrs

const infoOf = (shape: ReadonlyArray<number>, { filterSize, strides, pad, ...rest }: Attributes): Info =>
  tf.backend_util.computePool2DInfo(
    shape as Shape,
    filterSize,
    strides,
    1,
    pad,
    "dimRoundingMode" in rest ? rest.dimRoundingMode : undefined,
  )

const pool = (kernel: string, name: "maxPool" | "averagePool"): OwnKernel<"x", tf.MaxPoolAttrs | tf.AvgPoolAttrs> => ({
  kernel,
  why: "threads share its rows",
  outputs: ({ x }, attributes) => (areFloats(x) ? [float([...infoOf(x.shape, attributes).outShape])] : undefined),
  bind: (machine, { x }, [out], attributes) => {
    const info = infoOf(x.shape, attributes)
    const windows = placeOf(machine, info)
    const rows = info.batchSize * info.outHeight
    return overParts(machine, { count: rows, cost: costOf(info) }, (at, count, first) => {
      return [name, x.address, at(out!), windows, first, count]
    })
  },
})

export const maxPool = pool(tf.MaxPool, "maxPool")
export const avgPool = pool(tf.AvgPool, "averagePool")

/** To all cells of an image from all its windows: threads share images. */
const gradient = (
  machine: Machine,
  { dy, x, y }: { readonly dy: Place; readonly x?: Place; readonly y?: Place },
  out: Place,
  info: Info,
): (() => void) => {
  const windows = placeOf(machine, info)
  return overParts(machine, { count: info.batchSize, cost: costOf(info) }, (at, images) => {
    const [ofX, ofY] = [x ? at(x) : 0, y ? at(y) : 0]
    return ["poolGrad", at(dy), ofX, ofY, at(out), windows, images]
  })
}

export const maxPoolGrad: OwnKernel<"dy" | "input" | "output", tf.MaxPoolGradAttrs> = {
  kernel: tf.MaxPoolGrad,
  why: "the stock kernel loses the gradient of a maximum that isn't positive, or gives it to the wrong cell",
  outputs: ({ input }) => [float([...input.shape])],
  bind: (machine, { dy, input: x, output: y }, [out], attributes) =>
    gradient(machine, { dy, x, y }, out!, infoOf(x.shape, attributes)),
}

export const avgPoolGrad: OwnKernel<"dy" | "input", tf.AvgPoolGradAttrs> = {
  kernel: tf.AvgPoolGrad,
  why: "the stock kernel divides by the whole window, where the mean is over its cells inside the image",
  outputs: ({ input }) => [float([...input.shape])],
  bind: (machine, { dy, input }, [out], attributes) => gradient(machine, { dy }, out!, infoOf(input.shape, attributes)),
}
