/** Who is compared. */
import { join } from "node:path"
import { type ModelName, modelNames } from "../models/index.ts"

export interface Contender {
  readonly library: "PyTorch" | "relent" | "TensorFlow.js"
  readonly backend: string
  readonly mode: string
  /** What it is started by; PyTorch's Python is found later. */
  readonly command: ReadonlyArray<string>
  /** So many threads, instead of one a processor. */
  readonly threads?: number
  /** The models that it can train in bearable time. */
  readonly models: ReadonlyArray<ModelName>
}

const worker = join(import.meta.dirname, "worker.ts")
const script = join(import.meta.dirname, "../../python/contender.py")

const ours = (backend: string, mode: string, models = modelNames): Contender => ({
  library: "relent",
  backend,
  mode,
  command: [process.execPath, worker, backend, mode],
  models,
})

/** The baseline is first. */
export const pytorch = (python: string): ReadonlyArray<Contender> =>
  ["eager", "fused", "compiled"].map((mode) => ({
    library: "PyTorch",
    backend: "cpu",
    mode,
    command: [python, script, mode],
    models: modelNames,
  }))

export const javascript: ReadonlyArray<Contender> = [
  ours("tensorflow", "recorded"),
  ours("tensorflow", "eager"),
  ours("webgpu", "eager"),
  ours("wasm", "recorded"),
  { ...ours("wasm", "recorded"), mode: "recorded 1 thread", threads: 1 },
  ours("wasm", "eager"),
  ours("cpu", "eager", ["mlp", "sinkhorn"]),
  {
    library: "TensorFlow.js",
    backend: "wasm",
    mode: "eager",
    command: [process.execPath, worker, "stock", "eager"],
    models: modelNames,
  },
]

export const nameOf = ({ library, backend, mode }: Contender): string => `${library} ${backend} ${mode}`
