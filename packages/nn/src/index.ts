/** Models as pure functions over parameter trees, optimisers, training. */
export * from "./activation.ts"
export * from "./architecture/index.ts"
export * from "./batch.ts"
export { type Course, follow, type Method, type State, TrainingDiverged, TrainingInvalid, type Turn } from "./course.ts"
export * from "./draws.ts"
export * from "./layer/index.ts"
export * from "./features.ts"
export * from "./fit.ts"
export * from "./fit-together.ts"
export * from "./init.ts"
export * from "./loss.ts"
export * from "./metrics.ts"

export * from "./model.ts"
export {
  coupled,
  type Coupled,
  type Gradients,
  type Inputs,
  LossCoupled,
  type Objective,
  separable,
  type Separable,
} from "./objective.ts"
export * from "./optimizer/index.ts"
export * from "./predict.ts"
export * from "./schedule.ts"
export * from "./training-state.ts"
