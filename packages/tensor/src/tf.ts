/** TensorFlow.js's operations and types. No other package imports `@tensorflow/*`. */
export * as tf from "@tensorflow/tfjs-core"
export type {
  DataType,
  NamedTensorMap,
  Rank,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  TensorContainer,
  TensorLike,
} from "@tensorflow/tfjs-core"
