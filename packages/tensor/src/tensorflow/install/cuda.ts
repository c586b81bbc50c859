/**
 * NVIDIA's libraries, by the wheels that TensorFlow's extra `and-cuda` names. TensorFlow opens `cudart`, `cublas`, `cufft`, `cusparse`,
 * `cusolver` and `cudnn`, or uses no GPU if one of them is missing; those need `cublasLt` and `nvJitLink`, and cuDNN opens `nvrtc`
 * beside it. What only several GPUs (`nccl`), profilers (`cupti`) or XLA (`nvcc`) would want isn't installed.
 */
import type { Archive } from "./archives.ts"

const part = (
  name: string,
  version: string,
  platform: string,
  [bytes, unpacked]: readonly [number, number],
  digest: string,
  libraries: string,
): Archive => ({
  client: "pip",
  name: `nvidia-${name}-cu12`,
  version,
  file: `nvidia_${name.replace("-", "_")}_cu12-${version}-py3-none-${platform}.whl`,
  bytes,
  digest,
  platform,
  unpacked,
  patterns: [`nvidia/${libraries}`, "*.dist-info/*icense*", "!*.alt.*"],
})

export const cudaParts: ReadonlyArray<Archive> = [
  part(
    "cuda-runtime",
    "12.9.79",
    "manylinux2014_x86_64.manylinux_2_17_x86_64",
    [3_493_179, 741_088],
    "25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3",
    "cuda_runtime/lib/libcudart.so.12",
  ),
  part(
    "nvjitlink",
    "12.9.86",
    "manylinux2010_x86_64.manylinux_2_12_x86_64",
    [39_748_338, 95_935_344],
    "e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9",
    "nvjitlink/lib/libnvJitLink.so.12",
  ),
  part(
    "cublas",
    "12.9.3.13",
    "manylinux_2_27_x86_64",
    [581_217_458, 854_310_592],
    "d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72",
    "cublas/lib/libcublas*.so.12",
  ),
  part(
    "cufft",
    "11.4.1.4",
    "manylinux2014_x86_64.manylinux_2_17_x86_64",
    [200_877_592, 291_507_928],
    "c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28",
    "cufft/lib/libcufft.so.11",
  ),
  part(
    "cusparse",
    "12.5.10.65",
    "manylinux2014_x86_64.manylinux_2_17_x86_64",
    [366_465_088, 486_556_368],
    "73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78",
    "cusparse/lib/libcusparse.so.12",
  ),
  part(
    "cusolver",
    "11.7.5.82",
    "manylinux_2_27_x86_64",
    [338_117_415, 302_024_152],
    "15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88",
    "cusolver/lib/libcusolver.so.11",
  ),
  part(
    "cuda-nvrtc",
    "12.9.86",
    "manylinux2010_x86_64.manylinux_2_12_x86_64",
    [89_568_129, 113_447_240],
    "210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4",
    "cuda_nvrtc/lib/libnvrtc*.so.12*",
  ),
  part(
    "cudnn",
    "9.28.0.42",
    "manylinux_2_27_x86_64",
    [716_538_495, 1_162_393_472],
    "9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375",
    "cudnn/lib/libcudnn*.so.9",
  ),
]

/**
 * Loaded before TensorFlow, what others need first: TensorFlow then finds them by their names, without `LD_LIBRARY_PATH`. (Its own run
 * path has the folders of most of them, but not `cusolver`'s.)
 */
export const cudaLibraries: ReadonlyArray<string> = [
  "cuda_runtime/lib/libcudart.so.12",
  "nvjitlink/lib/libnvJitLink.so.12",
  "cublas/lib/libcublasLt.so.12",
  "cublas/lib/libcublas.so.12",
  "cufft/lib/libcufft.so.11",
  "cusparse/lib/libcusparse.so.12",
  "cusolver/lib/libcusolver.so.11",
  "cudnn/lib/libcudnn.so.9",
].map((path) => `nvidia/${path}`)
