/** NVIDIA's libraries, by the wheels that TensorFlow's extra `and-cuda` names. */
import type { Archive } from "./archives.ts"

export const cudaParts: ReadonlyArray<Archive> = []
export const cudaLibraries: ReadonlyArray<string> = []
