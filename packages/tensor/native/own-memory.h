// Read before TensorFlow.js's own source: what it makes of JavaScript's memory is a copy. Without this, a tensor that happens to be
// aligned keeps the array itself, and lets go of it on whichever thread of TensorFlow's is the last to need it. There Node's
// references mustn't be touched: one run in ten of many short steps ended with a broken heap.
#pragma once
#include <cstring>

#include "tensorflow/c/tf_tensor.h"

inline TF_Tensor* CopiedTensor(TF_DataType dtype, const int64_t* shape, int rank, void* values, size_t bytes,
                               void (*release)(void*, size_t, void*), void* argument) {
  TF_Tensor* const tensor = TF_AllocateTensor(dtype, shape, rank, bytes);
  if (bytes > 0) std::memcpy(TF_TensorData(tensor), values, bytes);
  release(values, bytes, argument);
  return tensor;
}
#define TF_NewTensor CopiedTensor
