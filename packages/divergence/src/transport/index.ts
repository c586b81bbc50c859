/**
 * Optimal transport in float64; tensors are in `@relent/divergence/tensor`, exact assignment in `@relent/divergence/assignment`, whose
 * library takes longer to load than all the rest.
 */
export { type GroundCost, groundCost } from "./ground-cost.ts"
export { NoTransport, type TransportProblem } from "./problem.ts"
export { sinkhorn, type SinkhornOptions, type Transport, TransportNotConverged } from "./sinkhorn.ts"
export { type SinkhornDivergence, sinkhornDivergence, sinkhornLaws } from "./sinkhorn-divergence.ts"
