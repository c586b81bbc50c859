/** Writes a pipeline as a document: every step by itself, those of a sweep with their point. */
import { stringify } from "yaml"
import type { AnyHandle } from "../handle.ts"
import type { Pipeline } from "../pipeline.ts"
import type { PipelineDocument, StepDocument } from "./schema.ts"

const reference = ({ step, port }: AnyHandle) => `${step.id}.${port}`
const isEmpty = (record: object) => Object.keys(record).length === 0

/** The document of a pipeline. */
export const toDocument = (pipeline: Pipeline, plugins: ReadonlyArray<string> = []): PipelineDocument => {
  const stages: Record<string, StepDocument> = {}
  for (const { id, name, stream, stage, inputs, parameters, at } of pipeline.steps) {
    const read = Object.entries(inputs).map(
      ([port, given]) => [port, Array.isArray(given) ? given.map(reference) : reference(given as AnyHandle)] as const,
    )
    stages[id] = {
      stage: stage.id,
      ...(read.length > 0 && { in: Object.fromEntries(read) }),
      ...(!isEmpty(parameters) && { with: parameters }),
      ...(stream !== name && { stream }),
      ...(!isEmpty(at) && { at }),
    }
  }
  const outputs = Object.fromEntries(
    Object.entries(pipeline.outputs).map(([name, handle]) => [name, reference(handle)]),
  )
  return { name: pipeline.name, seed: pipeline.seed, ...(plugins.length > 0 && { plugins }), stages, outputs }
}

/** The document of a pipeline as YAML. */
export const toYaml = (pipeline: Pipeline, plugins?: ReadonlyArray<string>): string =>
  stringify(toDocument(pipeline, plugins))
