/** A step of Adam in one pass. */
import { AdamKernel, type AdamRates } from "../../op/adam.ts"
import { tf } from "../../tf.ts"
import { areFloats, float, type OwnKernel, type Place, type Shaped, sizeOf } from "../own.ts"
import { Cost, overNumbers } from "../share.ts"

type Same = "weight" | "mean" | "square" | "gradient"

/** What is no step of Adam: it would read beyond the ends. */
const check = (inputs: { readonly [name in Same | "rate" | "epsilon"]: Shaped } & { readonly decay?: Shaped }) => {
  const { weight, mean, square, gradient, rate, epsilon, decay } = inputs
  const scalars = decay === undefined ? [rate, epsilon] : [rate, epsilon, decay]
  for (const { shape } of [mean, square, gradient]) tf.util.assertShapesMatch(shape, weight.shape, "Adam:")
  tf.util.assert(
    scalars.every(({ shape }) => sizeOf(shape) === 1) && areFloats(weight, mean, square, gradient, ...scalars),
    () => "Adam takes numbers of float32, and scalars for rate, epsilon and decay",
  )
}

export const adam: OwnKernel<Same | "rate" | "epsilon" | "decay", AdamRates> = {
  kernel: AdamKernel,
  why: "one pass instead of a dozen, and the same bits",
  inPlace: ["weight", "mean", "square"],
  outputs: (inputs) => {
    check(inputs)
    return [0, 1, 2].map(() => float([...inputs.weight.shape]))
  },
  bind: (machine, inputs, outputs, { beta1, beta2 }) => {
    const { weight, mean, square, gradient, rate, epsilon } = inputs
    const decay: Place | undefined = inputs.decay
    const [weightOut, meanOut, squareOut] = outputs as readonly [Place, Place, Place]
    return overNumbers(machine, weight, Cost.computed, (at, count) => [
      "adam",
      at(weight),
      at(mean),
      at(square),
      at(gradient),
      rate.address,
      epsilon.address,
      decay?.address ?? 0,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      at(weightOut),
      at(meanOut),
      at(squareOut),
      count,
    ])
  },
}
