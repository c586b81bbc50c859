/** Activations that the library hasn't, and gradients of activations, each in one pass. */
import { unary } from "./elementwise.ts"
import { areFloats, float, type OwnKernel, sameShape } from "../own.ts"
import { Cost, overNumbers } from "../share.ts"

/** Of dy and what the activation gave (y) or was given (x). */
const slope = <Of extends "x" | "y">(
  kernel: string,
  name: "reluGrad" | "tanhGrad" | "sigmoidGrad" | "siluGrad" | "geluGrad",
  of: Of,
  why: string,
): OwnKernel<"dy" | Of, {}> => ({
  kernel,
  why,
  outputs: ({ dy, [of]: at }) => (areFloats(dy, at) && sameShape(dy, at) ? [float([...at.shape])] : undefined),
  bind: (machine, { dy, [of]: at }, [out]) =>
    overNumbers(machine, out!, of === "x" ? Cost.exponential : Cost.computed, (begin, count) => [
      name,
      begin(dy),
      begin(at),
      begin(out!),
      count,
    ]),
})

export const slopes: ReadonlyArray<OwnKernel<"dy" | "y", {}>> = [
  slope("RelentReluGrad", "reluGrad", "y", "one pass instead of three"),
  slope("RelentTanhGrad", "tanhGrad", "y", "one pass instead of three"),
  slope("RelentSigmoidGrad", "sigmoidGrad", "y", "one pass instead of three"),
]

export const gates: ReadonlyArray<OwnKernel<"x", {}>> = [
  unary("RelentSilu", "silu", "one pass instead of two"),
  unary("RelentGelu", "gelu", "one pass instead of nine"),
]
export const gateSlopes: ReadonlyArray<OwnKernel<"dy" | "x", {}>> = [
  slope("RelentSiluGrad", "siluGrad", "x", "one pass instead of a dozen"),
  slope("RelentGeluGrad", "geluGrad", "x", "one pass instead of a dozen"),
]
