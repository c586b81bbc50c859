/** Gradients of activations. */
import { fast, T } from "./fast.ts"

const why = "one operation instead of three"

export const activationKernels = [
  fast<"dy" | "y">("RelentReluGrad", why, ({ inputs: { dy, y }, op }) => op("ReluGrad", [T], dy, y)),
  fast<"dy" | "y">("RelentTanhGrad", why, ({ inputs: { dy, y }, op }) => op("TanhGrad", [T], y, dy)),
  fast<"dy" | "y">("RelentSigmoidGrad", why, ({ inputs: { dy, y }, op }) => op("SigmoidGrad", [T], y, dy)),
]
