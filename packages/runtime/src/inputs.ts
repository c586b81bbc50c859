/** Digests of what a step reads, when those steps are finished. */
import type { AnyHandle, Step } from "@relent/stage"
import type { ManifestStep } from "./manifest.ts"
import type { InputDigests } from "./step-key.ts"

export const inputsOf = (step: Step, finished: ReadonlyMap<Step, ManifestStep>): InputDigests =>
  Object.fromEntries(
    Object.entries(step.inputs).map(([port, given]) => [
      port,
      [given].flat().map((handle: AnyHandle) => finished.get(handle.step)!.outputs[handle.port]!.digest),
    ]),
  )
