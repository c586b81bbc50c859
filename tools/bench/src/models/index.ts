/** The five models, the same as in `python/models.py`. */
import { cnn } from "./cnn.ts"
import { gpt } from "./gpt.ts"
import { mlp, wide } from "./perceptron.ts"
import { sinkhorn } from "./sinkhorn.ts"

export const models = { mlp, wide, cnn, gpt, sinkhorn } as const
export type ModelName = keyof typeof models
export const modelNames = Object.keys(models) as ReadonlyArray<ModelName>
