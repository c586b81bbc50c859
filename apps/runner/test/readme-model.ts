import { readFileSync } from "node:fs"
import { decodeTable } from "@relent/arrow"
import { loadModel, predict } from "@relent/nn"
import { Backend } from "@relent/tensor"
import { Effect } from "effect"

export const logitsOf = (file: string, rows: Float32Array) =>
  Effect.flatMap(loadModel(decodeTable(readFileSync(file))), (model) => predict(model, rows)).pipe(
    Effect.provide(Backend.wasm), // [members, rows, classes]
  )
