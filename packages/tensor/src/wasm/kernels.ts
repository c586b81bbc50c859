/** What wasm has of ours. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import type { Override } from "../override.ts"
import { tf } from "../tf.ts"
import { adam } from "./kernel/adam.ts"
import { gates, gateSlopes, slopes } from "./kernel/activation.ts"
import { binaries } from "./kernel/binary.ts"
import { clip, elementwise } from "./kernel/elementwise.ts"
import { crossEntropy, crossEntropyGrad, sparseCrossEntropy, sparseCrossEntropyGrad } from "./kernel/cross-entropy.ts"
import { layerNorm, layerNormGrad, layerNormParametersGrad } from "./kernel/norm.ts"
import { depthwise, depthwiseFilter, depthwiseInput } from "./kernel/depthwise.ts"
import { gather, sumByIds, unsortedSegmentSum } from "./kernel/gather.ts"
import { concat, slice, split } from "./kernel/move.ts"
import { conv2d, fusedConv2d } from "./kernel/convolution.ts"
import { conv2dBackpropFilter, conv2dBackpropInput } from "./kernel/convolution-gradient.ts"
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad } from "./kernel/pool.ts"
import { batchMatMul, dense } from "./kernel/product.ts"
import { rowProgram } from "./kernel/row-program.ts"
import { biasGrad, max, mean, min, prod, spread, sum } from "./kernel/reduce.ts"
import {
  logSoftmax,
  logSoftmaxGrad,
  logSumExp,
  logSumExpGrad,
  maskedSoftmax,
  softmax,
  softmaxGrad,
} from "./kernel/softmax.ts"
import { halfStep, halfStepGrad } from "./kernel/transport.ts"
import { transpose } from "./kernel/transpose.ts"
import { own } from "./own.ts"
import { registerSharing } from "./sharing.ts"

export const wasmKernels: ReadonlyArray<Override<BackendWasm>> = [
  {
    kernel: tf.Identity,
    why: "the stock kernel copies every value that a gradient keeps; a clone can share it",
    register: registerSharing(tf.Identity, () => true),
  },
  {
    kernel: tf.Cast,
    why: "the stock kernel copies what has the type already",
    register: registerSharing(tf.Cast, ({ dtype }, to) => dtype === (to as tf.CastAttrs).dtype),
  },
  own(batchMatMul),
  own(dense),
  own(adam),
  ...elementwise.map(own),
  own(clip),
  ...slopes.map(own),
  ...gates.map(own),
  ...gateSlopes.map(own),
  ...[sum, mean, prod, max, min].map(own),
  own(biasGrad),
  own(spread),
  own(transpose),
  own(slice),
  own(split),
  own(concat),
  own(gather),
  own(sumByIds),
  own(unsortedSegmentSum),
  ...binaries.map(own),
  ...[softmax, logSoftmax].map(own),
  ...[softmaxGrad, logSoftmaxGrad].map(own),
  own(logSumExp),
  own(logSumExpGrad),
  own(maskedSoftmax),
  own(crossEntropy),
  own(crossEntropyGrad),
  own(sparseCrossEntropy),
  own(sparseCrossEntropyGrad),
  own(rowProgram),
  own(layerNorm),
  own(layerNormGrad),
  own(layerNormParametersGrad),
  own(halfStep),
  own(halfStepGrad),
  own(conv2d),
  own(fusedConv2d),
  own(conv2dBackpropFilter),
  own(conv2dBackpropInput),
  own(depthwise),
  own(depthwiseInput),
  own(depthwiseFilter),
  own(maxPool),
  own(maxPoolGrad),
  own(avgPool),
  own(avgPoolGrad),
]
