export { type CnnShape, applyCnn, initCnn } from "./cnn.ts"
export { type MlpShape, applyMlp, initMlp, mlpLayers } from "./mlp.ts"
export { type TransformerShape, applyTransformer, initTransformer } from "./transformer.ts"
