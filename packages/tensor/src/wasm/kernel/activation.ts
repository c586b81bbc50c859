/** Activations that the library hasn't, and gradients of activations, each in one pass. */
import { unary } from "./elementwise.ts"
import { areFloats, float, type OwnKernel, sizeOf } from "../own.ts"

type Slope = "reluGrad" | "tanhGrad" | "sigmoidGrad"
type GateSlope = "siluGrad" | "geluGrad"

/** Of dy and what the activation gave. */
const slope = (kernel: string, name: Slope): OwnKernel<"dy" | "y", {}> => ({
  kernel,
  why: "one pass instead of three",
  outputs: ({ dy, y }) => (areFloats(dy, y) && dy.shape.join() === y.shape.join() ? [float([...y.shape])] : undefined),
  bind: (machine, { dy, y }, [out]) => machine.call(name, dy.address, y.address, out!.address, sizeOf(y.shape)),
})

export const slopes: ReadonlyArray<OwnKernel<"dy" | "y", {}>> = [
  slope("RelentReluGrad", "reluGrad"),
  slope("RelentTanhGrad", "tanhGrad"),
  slope("RelentSigmoidGrad", "sigmoidGrad"),
]

/** Of dy and what the activation was given. */
const gateSlope = (kernel: string, name: GateSlope): OwnKernel<"dy" | "x", {}> => ({
  kernel,
  why: "one pass instead of a dozen",
  outputs: ({ dy, x }) => (areFloats(dy, x) && dy.shape.join() === x.shape.join() ? [float([...x.shape])] : undefined),
  bind: (machine, { dy, x }, [out]) => machine.call(name, dy.address, x.address, out!.address, sizeOf(x.shape)),
})

export const gates: ReadonlyArray<OwnKernel<"x", {}>> = [
  unary("RelentSilu", "silu", "one pass instead of two"),
  unary("RelentGelu", "gelu", "one pass instead of nine"),
]
export const gateSlopes: ReadonlyArray<OwnKernel<"dy" | "x", {}>> = [
  gateSlope("RelentSiluGrad", "siluGrad"),
  gateSlope("RelentGeluGrad", "geluGrad"),
]
