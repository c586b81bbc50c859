/** Operations of ours, with gradients of their own: fewer kernels than the tape would run, finite where a formula by parts isn't. */
export { adamStep } from "./adam.ts"
export { softmaxCrossEntropy, sparseSoftmaxCrossEntropy } from "./cross-entropy.ts"
export { dense, type DenseActivation } from "./dense.ts"
export { embedding } from "./embedding.ts"
export { gelu, silu } from "./gated.ts"
export { inverse } from "./inverse.ts"
export { layerNorm } from "./layer-norm.ts"
export { logSoftmax } from "./log-softmax.ts"
export { logSumExp } from "./log-sum-exp.ts"
export { maskedSoftmax } from "./masked-softmax.ts"
export { operation, sumTo, taped } from "./operation.ts"
export {
  type Operand,
  type RowOperation,
  rowOperations,
  type RowProgram,
  rowProgram,
  type RowStep,
} from "./row-program.ts"
export { squaredDistances } from "./squared-distances.ts"
export { type HalfSteps, transportHalfSteps } from "./transport.ts"
