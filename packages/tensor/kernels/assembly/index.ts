export { gemm, gemms, gemmWorkspace } from "./gemm"
export { erf, exp, expm1, log, log1p, relu, rsqrt, sigmoid, sign, softplus, sqrt, tanh } from "./elementwise"
export { adam } from "./adam"
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
export { gemm, gemmWorkspace } from "./gemm"
export { geluGrad, reluGrad, sigmoidGrad, siluGrad, tanhGrad } from "./slope"
export { maxColumns, maxRows, minColumns, minRows, prodColumns, prodRows, spread, sumColumns, sumRows } from "./reduce"
export { transpose } from "./transpose"
export { logSoftmax, logSoftmaxGrad, logSumExp, logSumExpGrad, maskedSoftmax, softmax, softmaxGrad } from "./softmax"
export { crossEntropy, crossEntropyGrad, sparseCrossEntropy, sparseCrossEntropyGrad } from "./cross-entropy"
export { layerNorm, layerNormColumns, layerNormGrad } from "./norm"
