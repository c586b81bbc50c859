export { adam } from "./adam"
export { add, divide, maximum, minimum, multiply, squaredDifference, subtract } from "./binary"
export { crossEntropy, crossEntropyGrad, sparseCrossEntropy, sparseCrossEntropyGrad } from "./cross-entropy"
export {
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
export { depthwise, depthwiseFilter, depthwiseInput } from "./depthwise"
export { gather, sumByIds } from "./gather"
export { gemm, gemms, gemmWorkspace } from "./gemm"
export { layerNorm, layerNormColumns, layerNormGrad } from "./norm"
export { averagePool, maxPool, poolGrad } from "./pool"
export { rowProgram } from "./program"
export { foldColumns, foldRows, spread } from "./reduce"
export { geluGrad, reluGrad, sigmoidGrad, siluGrad, tanhGrad } from "./slope"
export { logSoftmax, logSoftmaxGrad, logSumExp, logSumExpGrad, maskedSoftmax, softmax, softmaxGrad } from "./softmax"
export { transpose } from "./transpose"
export { transportColumns, transportRows } from "./transport"
export { transportGrad } from "./transport-grad"
export { convolve, convolveFilter, turnFilter } from "./convolution"
export { clear, cut, lay } from "./patches"
