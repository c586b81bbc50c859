/** What is downloaded: each file with its size and digest, so that nothing else is ever unpacked. */
import { readFileSync } from "node:fs"

export interface Archive {
  readonly client: "npm" | "pip"
  readonly name: string
  readonly version: string
  /** As the client names it. */
  readonly file: string
  readonly bytes: number
  /** SHA-256. */
  readonly digest: string
  /** A wheel's tags: of the interpreter's interface and of the platform. They are independent of the Python here. */
  readonly abi?: string
  readonly platform?: string
  /** What its unpacked files take, in bytes. */
  readonly unpacked: number
  /** The libraries in a wheel and what their licences want beside them, with shell wildcards. */
  readonly patterns?: ReadonlyArray<string>
}

/** Of the TensorFlow library, by its wheel. */
export const tensorflowVersion = "2.21.0"

/** Of the JavaScript and the addon's source: what this package names as its peer. */
export const tfjsVersion = (): string => {
  const manifest = new URL("../../../package.json", import.meta.url)
  const { peerDependencies } = JSON.parse(readFileSync(manifest, "utf8")) as {
    readonly peerDependencies: Readonly<Record<string, string>>
  }
  return peerDependencies["@tensorflow/tfjs-node-gpu"]!
}

export const tfjs = (): Archive => ({
  client: "npm",
  name: "@tensorflow/tfjs-node-gpu",
  version: tfjsVersion(),
  file: `tensorflow-tfjs-node-gpu-${tfjsVersion()}.tgz`,
  bytes: 223_379,
  digest: "afd5599ee1662e732c00a0ad1f52a3d001bdc118a1f44bd592a0a0ebf2daa4c7",
  unpacked: 1_200_000,
})

export const nodeHeaders: Archive = {
  client: "npm",
  name: "node-api-headers",
  version: "1.9.0",
  file: "node-api-headers-1.9.0.tgz",
  bytes: 16_974,
  digest: "6cbfac49542194ae2c8f1dee5fa2dc00d66bec9cbf3b59e3a4e5f16d14eb0d19",
  unpacked: 100_000,
}

/** A wheel for CPython 3.12, whose libraries don't need it. */
const tensorflowWheel = (name: string, bytes: number, unpacked: number, digest: string): Archive => ({
  client: "pip",
  name,
  version: tensorflowVersion,
  file: `${name.replace("-", "_")}-${tensorflowVersion}-cp312-cp312-manylinux_2_27_x86_64.whl`,
  bytes,
  digest,
  abi: "cp312",
  platform: "manylinux_2_27_x86_64",
  unpacked,
  patterns: [
    "tensorflow/libtensorflow_cc.so.2",
    "tensorflow/libtensorflow_framework.so.2",
    "tensorflow/THIRD_PARTY_NOTICES.txt",
  ],
})

/** The library for processors. */
export const cpuWheel = tensorflowWheel(
  "tensorflow-cpu",
  274_000_871,
  854_000_000,
  "dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb",
)

/** The library for processors and NVIDIA's GPUs. */
export const cudaWheel = tensorflowWheel(
  "tensorflow",
  572_611_111,
  1_260_000_000,
  "b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0",
)
