/** The processes of a check, in their order, and the most that each may take. Together less than eight minutes. */
import { join } from "node:path"

export interface PartPlan {
  readonly name: string
  readonly backend: string
  readonly script: string
  /** In seconds. */
  readonly limit: number
}

const plan = (name: string, backend: string, limit: number): PartPlan => ({
  name,
  backend,
  script: join(import.meta.dirname, "part", `${name}.ts`),
  limit,
})

export const parts: ReadonlyArray<PartPlan> = [
  plan("conformance", "webgpu", 120),
  plan("equality", "webgpu", 80),
  plan("pipeline", "webgpu", 60),
  plan("benchmark", "webgpu", 100),
  plan("benchmark", "wasm", 60),
  plan("benchmark", "cpu", 30),
]

/** On an installation of TensorFlow, whose device the report names. */
export const tensorflowParts: ReadonlyArray<PartPlan> = [
  plan("conformance", "tensorflow", 30),
  plan("equality", "tensorflow", 30),
  plan("pipeline", "tensorflow", 30),
  plan("benchmark", "tensorflow", 60),
]
