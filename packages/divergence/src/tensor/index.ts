/** The algebra of divergences on tensors: losses with gradients. */
export { betweenConditionals, dependence, normalisedDependence } from "./dependence.ts"
export { type DiagonalGaussian, klBetweenGaussians } from "./gaussian.ts"
export { groundCost, type GroundCostOptions } from "./ground-cost.ts"
export { betweenPoints } from "./kernel.ts"
export { crossEntropy, entropy, LogitsMismatch, type LogitsOptions, logSoftmax, onLogits } from "./logits.ts"
export { vonNeumann } from "./von-neumann.ts"
export { link, loss, penalty, pseudoReward, scoreWeight, terms } from "./ratio.ts"
export { boundedRatio, dividedByLevel, type LevelMeans, type RatioBounds, relativeScoreWeight } from "./score-weight.ts"
export {
  entropicCost,
  kernelHolds,
  marginalError,
  type PlanGradient,
  planGradients,
  sinkhornPlan,
  type SinkhornTensorOptions,
} from "./sinkhorn.ts"
export { sinkhornDivergence } from "./sinkhorn-divergence.ts"
