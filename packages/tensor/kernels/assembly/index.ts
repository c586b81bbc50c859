export { adam } from "./adam"
export { add, divide, maximum, minimum, multiply, squaredDifference, subtract } from "./binary"
export { convolve, convolveFilter, turnFilter } from "./convolution"
export { crossEntropy, crossEntropyGrad, sparseCrossEntropy, sparseCrossEntropyGrad } from "./cross-entropy"
export {
  clip,
  clipIntegers,
  erf,
  exp,
  expm1,
  gelu,
  log,
  log1p,
  relu,
  rsqrt,
  sigmoid,
  sign,
  silu,
  softplus,
  sqrt,
  tanh,
} from "./elementwise"
export { depthwise } from "./depthwise"
export { depthwiseFilter, depthwiseInput } from "./depthwise-grad"
export { gather, sumByIds } from "./gather"
export { gemm, gemms, gemmWorkspace } from "./gemm"
export { clear, cut, lay } from "./images"
export { layerNorm, layerNormColumns, layerNormGrad } from "./norm"
export { averagePool, maxPool, poolGrad } from "./pool"
export { rowProgram } from "./program"
export { foldColumns, foldRows } from "./reduce"
export { geluGrad, reluGrad, sigmoidGrad, siluGrad, tanhGrad } from "./slope"
export { logSoftmax, logSoftmaxGrad, logSumExp, logSumExpGrad, maskedSoftmax, softmax, softmaxGrad } from "./softmax"
export { spread } from "./spread"
export { transpose } from "./transpose"
export { transportColumns, transportRows } from "./transport"
export { transportGrad } from "./transport-grad"
